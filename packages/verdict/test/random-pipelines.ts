import { exact, exponential, type SimulatedStage, simulate, steady, uniform } from "./simulation.ts";

/** A pipeline of three to six stages with chances of branches, joins, fan-out, filters, workers and both ways to work. */
export function randomPipeline(seed: number): SimulatedStage[] {
  const random = uniform(seed * 7919 + 17);
  for (let skip = 0; skip < 5; skip += 1) random();
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value;
  const count = 3 + Math.floor(random() * 4);
  const asyncShare = pick([1, 0.7, 0.4, 0]);
  const branches = count >= 5 && random() < 0.4;
  const stages: SimulatedStage[] = [];
  let visits = 1;
  for (let index = 0; index < count; index += 1) {
    const isSync = random() >= asyncShare;
    const workers = !isSync && index > 0 && random() < 0.25 ? 2 + Math.floor(random() * 2) : 1;
    const emits = index < count - 1 && random() < 0.25 ? pick([0.3, 0.5, 2, 3]) : 1;
    // Demand a source unit, spread over a factor of ten: then one stage mostly stands out, but not always.
    const demand = 0.002 * 10 ** random();
    const draw = pick([exact, steady, steady, exponential]);
    const isFork = branches && index === 1;
    const isFirstArm = branches && index === 2;
    const to = index === count - 1 ? [] : isFork ? ["s2", "s3"] : isFirstArm ? ["s4"] : [`s${index + 1}`];
    stages.push({
      name: `s${index}`,
      seconds: draw((demand * workers) / visits),
      isSync,
      workers,
      emits: isFork || isFirstArm || (branches && index === 3) ? 1 : emits,
      buffer: pick([1, 4, 16]),
      ...(to.length > 0 ? { to } : {}),
    });
    visits *= stages[index]?.emits ?? 1;
    if (branches && index === 3) visits *= 2;
  }
  return stages;
}

/**
 * Truth by sensitivity: what each entity gains the pipeline when it alone becomes twice as fast, with the same random
 * numbers. `loop` stands for every synchronous segment.
 */
export function gains(stages: readonly SimulatedStage[], seed: number): Map<string, number> {
  const rate = (changed: (stage: SimulatedStage) => boolean): number => {
    const faster = stages.map((stage) =>
      changed(stage) ? { ...stage, seconds: (random: () => number) => stage.seconds(random) / 2 } : stage,
    );
    const moments = simulate(faster, { seconds: 12, everySeconds: 2, seed });
    const [first, last] = [moments[1], moments.at(-1)];
    return ((last?.stages[0]?.units ?? 0) - (first?.stages[0]?.units ?? 0)) / 10;
  };
  const base = rate(() => false);
  const entries: [string, number][] = stages.map((stage) => [stage.name, rate((one) => one === stage) / base - 1]);
  if (stages.some((stage) => stage.isSync)) entries.push(["loop", rate((one) => one.isSync === true) / base - 1]);
  return new Map(entries);
}
