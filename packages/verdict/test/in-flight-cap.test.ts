import { describe, expect, test } from "vitest";
import { judge } from "../src/judge.ts";
import type { Recording } from "../src/recording.ts";
import type { Action, Verdict } from "../src/verdict.ts";
import { type LoopPlan, type LoopStage, loopsRecorded } from "./closed-loop.ts";
import { check, type Expected, loop, ms, sink, source } from "./expectations.ts";
import { recordingOf, sideBySide, withRows } from "./recordings.ts";
import { exponential, steady } from "./simulation.ts";

type Draw = (milliseconds: number) => LoopStage["seconds"];
const alike: Draw = (milliseconds) => steady(milliseconds * ms);
const scattered: Draw = (milliseconds) => exponential(milliseconds * ms);

/** read -> decode -> score -> store, with milliseconds of each. */
function steps(times: readonly [number, number, number, number], draw: Draw = alike): LoopStage[] {
  return ["read", "decode", "score", "store"].map((name, index) => ({ name, seconds: draw(times[index] ?? 0) }));
}

/** The same, with stages that hold the event loop or share a lock. */
function needing(needs: "sync" | "lock", names: readonly string[], stages: readonly LoopStage[]): LoopStage[] {
  return stages.map((stage) => (names.includes(stage.name) ? { ...stage, needs } : stage));
}

const capped: Expected = {
  kind: "in-flight-limited",
  entity: { kind: "in-flight-cap", name: "flights" },
  stage: null,
};

const cases: readonly (readonly [string, LoopPlan, Expected])[] = [
  ["one loop of four stages that take turns", { stages: steps([4, 5, 8, 6]), atOnce: 1 }, capped],
  ["one loop whose times scatter", { stages: steps([4, 5, 8, 6], scattered), atOnce: 1 }, capped],
  [
    "one loop of synchronous and asynchronous stages",
    {
      stages: needing("sync", ["decode"], steps([4, 5, 8, 6])),
      atOnce: 1,
    },
    capped,
  ],
  ["one loop in which one stage takes most of the time", { stages: steps([0.5, 0.5, 20, 0.5]), atOnce: 1 }, capped],
  ["four loops that mostly await a remote call", { stages: steps([2, 3, 24, 4]), atOnce: 4 }, capped],
  ["four loops that await hardly anything but a remote call", { stages: steps([0.5, 1, 40, 1]), atOnce: 4 }, capped],
  ["four loops whose times scatter", { stages: steps([4, 5, 20, 6], scattered), atOnce: 4 }, capped],
  [
    "four loops around a stage with declared workers to spare",
    {
      stages: steps([2, 3, 24, 4]).map((stage) => (stage.name === "score" ? { ...stage, workers: 16 } : stage)),
      atOnce: 4,
    },
    capped,
  ],
  ["two hundred calls at once", { stages: steps([20, 30, 800, 50], scattered), atOnce: 200 }, capped],
  [
    "more that arrives than a cap lets in",
    {
      stages: steps([2, 3, 24, 4]),
      atOnce: 4,
      arrivals: { every: scattered(7) },
    },
    capped,
  ],

  [
    "four loops around a stage that has only four workers",
    {
      stages: steps([1, 1, 30, 1]).map((stage) => (stage.name === "score" ? { ...stage, workers: 4 } : stage)),
      atOnce: 4,
    },
    { kind: "unsure" },
  ],
  [
    "loops that fill the event loop",
    {
      stages: needing("sync", ["score"], steps([1, 1, 10, 1])),
      atOnce: 4,
    },
    loop("score"),
  ],
  [
    "stages that take turns for one lock",
    {
      stages: needing("lock", ["score", "store"], steps([2, 2, 8, 10])),
      atOnce: 4,
    },
    { kind: "bottleneck", entity: { kind: "resource", name: "table" }, stage: "store" },
  ],
  [
    "a source that waits for what arrives",
    {
      stages: steps([1, 3, 8, 2]),
      arrivals: { every: scattered(20) },
      isPulled: true,
    },
    source("read"),
  ],
  [
    "calls that come at random, which nobody pulls",
    {
      stages: steps([1, 5, 30, 2]),
      arrivals: { every: scattered(10) },
    },
    { kind: "unsure" },
  ],
  [
    "many calls that come at random, which nobody pulls",
    {
      stages: steps([100, 500, 3000, 200]),
      arrivals: { every: scattered(12) },
      seconds: 200,
    },
    { kind: "unsure" },
  ],
  [
    "bursts that a cap lets in bit by bit",
    {
      stages: steps([2, 3, 24, 4]),
      atOnce: 4,
      arrivals: { every: alike(500), size: 20 },
    },
    { kind: "unsure" },
  ],
  [
    "one loop that often waits for something to arrive",
    { stages: steps([1, 3, 8, 2]), atOnce: 1, arrivals: { every: scattered(20) } },
    { kind: "unsure" },
  ],
  [
    "two loops that often wait for something to arrive",
    { stages: steps([1, 3, 8, 2]), atOnce: 2, arrivals: { every: scattered(9) } },
    { kind: "unsure" },
  ],
  ["a loop in too few snapshots", { stages: steps([4, 5, 8, 6]), atOnce: 1, snapshots: 8 }, { kind: "unsure" }],
];

describe("the limit is named for", () => {
  for (const [name, plan, expected] of cases)
    test(name, () => {
      const verdict = check(loopsRecorded(plan), expected);
      if (verdict.kind === "in-flight-limited") expect(verdict.confidence.score).toBeGreaterThan(0.5);
    });
});

const verdictOf = (plan: LoopPlan): Verdict => judge(loopsRecorded(plan))[0] as Verdict;

test("the verdict says how many units there are, who has most of their time, and what more of them would bring", () => {
  const { evidence, actions } = verdictOf({ stages: steps([4, 5, 20, 6]), atOnce: 4 });
  expect(evidence.map(({ text }) => text)).toEqual([
    "4 of at most 4 units in flight",
    "score has 57 % of a unit's time",
    "0 % of it is waiting for room or for others",
    "nothing else is busy over 0 %",
  ]);
  expect(actions.map(({ change, step }) => ({ change, step }))).toEqual([
    {
      change: "units in flight 4 -> 8",
      step: { kind: "in-flight", pipeline: "flights", from: 4, to: 8 },
    },
    {
      change: "halve score's time",
      step: { kind: "time", of: "stage", name: "score", factor: 0.5 },
    },
  ]);
});

test("workers that are held up by full buffers are no cap, though hardly any is ever without a unit", () => {
  const times = [...Array.from({ length: 11 }, () => 6), 10];
  const stages = times.map((milliseconds, index) => ({
    name: `s${index}`,
    seconds: scattered(milliseconds),
    buffer: 1,
    ...(index < times.length - 1 ? { to: [`s${index + 1}`] } : {}),
  }));
  const verdict = check(recordingOf({ stages }), sink("s11"));
  // All that a cap would show but the blocking: nothing is busy over 85 %, and nine of ten workers have a unit.
  expect(Math.max(...verdict.stages.map(({ useful }) => useful))).toBeLessThan(0.85);
  const inFlight = verdict.stages.reduce((sum, { self, blocked }) => sum + self + blocked, 0);
  expect(inFlight / stages.length).toBeGreaterThan(0.9);
});

test("stages that are blocked some of the time are no cap", () => {
  const recording = withRows(loopsRecorded({ stages: steps([4, 5, 8, 6]), atOnce: 1 }), (row) => {
    const [, self = 0] = row.stateSeconds;
    return { ...row, stateSeconds: [0, 0.9 * self, 0, 0, 0.1 * self, 0] };
  });
  expect(judge(recording)[0]?.kind).toBe("unsure");
});

test("too few snapshots are not enough to tell a cap, whatever else they tell", () => {
  const { missing } = verdictOf({ stages: steps([4, 5, 8, 6]), atOnce: 1, snapshots: 8 });
  expect(missing.join()).toMatch(/nothing is near its limit|nobody knows how many workers/);
});

test("more in flight on average than any snapshot shows is no cap", () => {
  const recording = loopsRecorded({ stages: steps([4, 5, 20, 6], scattered), atOnce: 4 });
  // Of what each snapshot shows, one unit less: a mean that is above the most was seen too seldom.
  const seen = withRows(recording, (row) => ({ ...row, stateWorkers: [0, row.stage === 2 ? 3 : 0, 0, 0, 0, 0] }));
  expect(judge(seen)[0]?.kind).toBe("unsure");
});

test("two processes with a loop each have two units in flight", () => {
  const one = (seed: number): Recording => loopsRecorded({ stages: steps([4, 5, 8, 6]), atOnce: 1, seed });
  const { actions } = check(sideBySide(one(1), one(2)), capped);
  expect(actions[0]?.change).toBe("units in flight 2 -> 4");
});

describe("a prediction for a cap comes true in a simulation:", () => {
  const predictions: readonly (readonly [string, LoopPlan])[] = [
    ["one loop, times that are alike", { stages: steps([4, 5, 8, 6]), atOnce: 1 }],
    ["one loop, times that scatter", { stages: steps([4, 5, 8, 6], scattered), atOnce: 1 }],
    ["four loops that mostly await a remote call", { stages: steps([2, 3, 24, 4], scattered), atOnce: 4 }],
    [
      "four loops that fill more than half of the event loop",
      {
        stages: needing("sync", ["decode"], steps([2, 5, 24, 4])),
        atOnce: 4,
      },
    ],
  ];
  const rate = (recording: Recording): number => {
    const [, start] = recording.snapshots;
    const end = recording.snapshots.at(-1);
    if (start === undefined || end === undefined) throw new Error("the recording is empty");
    return ((end.stages[0]?.units ?? 0) - (start.stages[0]?.units ?? 0)) / (end.atSeconds - start.atSeconds);
  };
  const isNear = (action: Action | undefined, after: LoopPlan): void => {
    const came = rate(loopsRecorded({ ...after, seed: 77 }));
    expect(Math.abs((action?.predictedThroughput ?? 0) / came - 1)).toBeLessThan(0.2);
  };
  for (const [name, plan] of predictions)
    test(name, () => {
      const { kind, actions } = verdictOf(plan);
      expect(kind).toBe("in-flight-limited");
      const [more, half] = actions;
      isNear(more, { ...plan, atOnce: (plan.atOnce ?? 0) * 2 });
      const name = half?.change.match(/^halve (\w+)'s time$/)?.[1];
      const stages = plan.stages.map((stage) =>
        stage.name === name ? { ...stage, seconds: (random: () => number) => stage.seconds(random) / 2 } : stage,
      );
      isNear(half, { ...plan, stages });
    });

  test("the next limit caps what more units bring, and is named", () => {
    const plan = { stages: needing("sync", ["decode"], steps([2, 7, 24, 4])), atOnce: 4 };
    const [more] = verdictOf(plan).actions;
    expect(more?.nextLimiter).toEqual({ kind: "event-loop", name: "main" });
    const remote = { stages: steps([2, 3, 24, 4]), atOnce: 4 };
    expect(verdictOf(remote).actions[0]?.nextLimiter).toEqual({ kind: "in-flight-cap", name: "flights" });
  });
});

test("a loop around a stage that pulls has as many units as there are loops", () => {
  const recording = withRows(loopsRecorded({ stages: steps([4, 5, 20, 6]), atOnce: 4 }), (row) => {
    if (row.stage !== 0) return row;
    const [, self = 0] = row.stateSeconds;
    return { ...row, stateSeconds: [0.02 * self, 0.98 * self, 0, 0, 0, 0] };
  });
  check(recording, capped);
});
