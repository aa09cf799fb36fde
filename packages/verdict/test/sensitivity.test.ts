import { expect, test } from "vitest";
import { judge } from "../src/judge.ts";
import type { Verdict } from "../src/verdict.ts";
import { gains, randomPipeline } from "./random-pipelines.ts";
import { recordingOf } from "./recordings.ts";

/** Seeds that nothing was tuned on. */
const SEEDS = Array.from({ length: 40 }, (_, index) => 5001 + index);
/** Whatever gains this share of the best is as true an answer. */
const AS_GOOD = 0.8;
/** Below this nothing limits, and nothing can be wrong. */
const NO_LIMIT = 0.03;

function namedIn(verdict: Verdict): (string | null)[] {
  const answers = verdict.kind === "balanced" ? verdict.tied : [verdict];
  return answers.map(({ entity, stage }) => (entity?.kind === "event-loop" ? "loop" : stage));
}

interface Case {
  readonly seed: number;
  readonly verdict: Verdict;
  readonly gain: ReadonlyMap<string, number>;
}

const simulated: readonly Case[] = SEEDS.map((seed) => {
  const stages = randomPipeline(seed);
  const [verdict] = judge(recordingOf({ stages, seed: seed + 1000 })) as [Verdict];
  return { seed, verdict, gain: gains(stages, seed) };
});

test("on unseen graphs, what is named is what doubling shows to limit, at least nine times of ten", () => {
  const wrong = simulated.filter(({ verdict, gain }) => {
    const best = Math.max(...gain.values());
    const isRight = namedIn(verdict).some((name) => name !== null && (gain.get(name) ?? -1) >= AS_GOOD * best);
    return best >= NO_LIMIT && !isRight;
  });
  const seeds = wrong.map((one) => one.seed).join(", ");
  expect(wrong.length, `wrong for seeds ${seeds}`).toBeLessThanOrEqual(SEEDS.length / 10);
});

test("halving the limit's time gains about what the verdict predicts", () => {
  const errors = simulated
    .flatMap(({ verdict, gain }) => {
      const halved = verdict.actions.find((action) => /^halve|twice as fast/.test(action.change));
      const { kind, stage, throughput } = verdict;
      if (kind === "balanced" || stage === null || halved === undefined || throughput === null) return [];
      const actual = 1 + (gain.get(stage) ?? 0);
      return [Math.abs(halved.predictedThroughput / throughput.perSecond - actual) / actual];
    })
    .sort((a, b) => a - b);
  expect(errors.length).toBeGreaterThan(15);
  expect(errors[Math.floor(errors.length / 2)]).toBeLessThan(0.1);
  expect(errors[Math.floor(errors.length * 0.9)]).toBeLessThan(0.25);
});
