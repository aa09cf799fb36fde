import { shuffled } from "../../scripts/shuffled.ts";
import { type CaseResult, caseResult, type Round } from "./case-result.ts";
import type { Experiment, Measured, Program } from "./experiment.ts";

/** Runs one program in a process of its own. */
export type Measure = (experiment: Experiment, program: Program) => Promise<Measured>;

/**
 * Runs the programs of an experiment in rounds, in each round all of them in an order that is drawn: what else the
 * machine does meets all alike.
 *
 * @returns a result for each claim; where a program failed, or did not record what it did, none of them is met
 */
export async function experimentRun(
  group: string,
  experiment: Experiment,
  measure: Measure,
): Promise<readonly CaseResult[]> {
  const rounds: Round[] = [];
  let problem: string | null = null;
  while (rounds.length < experiment.rounds && problem === null) {
    const round: Record<string, number> = {};
    for (const program of shuffled(experiment.programs)) {
      problem ??= await addTo(round, program, () => measure(experiment, program));
    }
    rounds.push(round);
  }
  return experiment.claims.map((claim) => caseResult(group, claim, rounds, problem));
}

/** @returns what is wrong with what the program found, or null */
async function addTo(
  round: Record<string, number>,
  program: Program,
  measure: () => Promise<Measured>,
): Promise<string | null> {
  try {
    const { values, kept } = await measure();
    const lost = kept.find(({ done, recorded }) => done !== recorded || done === 0);
    if (lost !== undefined) return `${program.name} recorded ${lost.recorded} ${lost.what} of ${lost.done}`;
    const twice = Object.keys(values).find((name) => name in round);
    if (twice !== undefined) return `${program.name} measures "${twice}", which another program has measured`;
    Object.assign(round, values);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
