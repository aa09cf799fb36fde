import { describe, expect, test } from "vitest";
import type { Recording } from "../src/recording.ts";
import { a, chain, check, cpu, type Expected, loop, ms, s, sink, source, workers } from "./expectations.ts";
import { type RecordingPlan, recordingOf, withRows } from "./recordings.ts";
import { exponential, type SimulatedStage, steady } from "./simulation.ts";

const cases: readonly (readonly [string, Expected, RecordingPlan])[] = [
  ["a slow asynchronous source", source("read"), { stages: chain([10, 3, 3], [a, a, a]) }],
  ["a slow asynchronous middle", workers("score"), { stages: chain([3, 10, 3], [a, a, a]) }],
  ["a slow asynchronous sink", sink("store"), { stages: chain([3, 3, 10], [a, a, a]) }],
  ["a slow synchronous source", loop("read"), { stages: chain([10, 3, 3], [s, s, s]) }],
  ["a slow synchronous middle", loop("score"), { stages: chain([3, 10, 3], [s, s, s]) }],
  ["a slow synchronous sink", loop("store"), { stages: chain([3, 3, 10], [s, s, s]) }],
  ["a synchronous middle that nearly fills the loop", loop("score"), { stages: chain([0.2, 10, 0.2], [a, s, a]) }],
  ["a slow sink on a loop that others use by half", sink("store"), { stages: chain([2, 3, 10], [s, s, a]) }],
  ["a slow sink on a loop that others use by 80 %", sink("store"), { stages: chain([2.4, 5.6, 10], [s, s, a]) }],
  ["a stage at its limit on a loop that is 60 % full", workers("score"), { stages: chain([2, 10, 4], [s, a, s]) }],
  ["a throttled source before a loop that is 60 % full", source("read"), { stages: chain([10, 4, 2], [a, s, s]) }],
  [
    "asynchronous stages that only wait for a full loop",
    loop("score"),
    {
      stages: [
        { name: "read", seconds: steady(1 * ms), to: ["score"] },
        { name: "score", seconds: steady(8 * ms), isSync: true, to: ["fetch"] },
        { name: "fetch", seconds: steady(2 * ms), to: ["store"] },
        { name: "store", seconds: steady(1 * ms) },
      ],
    },
  ],
  [
    "a source that parses synchronously between its own waits, on a loop with room",
    source("read"),
    {
      stages: [
        { ...(chain([6, 2, 1], [a, s, a])[0] as SimulatedStage), continuationSeconds: 4 * ms },
        ...chain([6, 2, 1], [a, s, a]).slice(1),
      ],
    },
  ],
  [
    "two workers of the slowest stage",
    workers("score"),
    { stages: chain([3, 10, 3], [a, a, a]).map((one) => (one.name === "score" ? { ...one, workers: 2 } : one)) },
  ],
  [
    "two workers that make another stage the limit",
    sink("store"),
    { stages: chain([3, 10, 7], [a, a, a]).map((one) => (one.name === "score" ? { ...one, workers: 2 } : one)) },
  ],
  [
    "a fan-out that makes a short stage the limit",
    sink("store"),
    {
      stages: [
        { name: "read", seconds: steady(4 * ms), to: ["split"] },
        { name: "split", seconds: steady(8 * ms), emits: 6, to: ["store"] },
        { name: "store", seconds: steady(2 * ms) },
      ],
    },
  ],
  [
    "a filter that relieves a long stage",
    workers("filter"),
    {
      stages: [
        { name: "read", seconds: steady(2 * ms), to: ["filter"] },
        { name: "filter", seconds: steady(4 * ms), emits: 0.2, to: ["store"] },
        { name: "store", seconds: steady(10 * ms) },
      ],
    },
  ],
  [
    "one branch of two",
    workers("slow"),
    {
      stages: [
        { name: "read", seconds: steady(2 * ms), to: ["quick", "slow"] },
        { name: "quick", seconds: steady(3 * ms), to: ["store"] },
        { name: "slow", seconds: steady(9 * ms), to: ["store"] },
        { name: "store", seconds: steady(2 * ms) },
      ],
    },
  ],
  [
    "the sink of two sources, one of them slow",
    sink("store"),
    {
      stages: [
        { name: "slow", seconds: steady(500 * ms), to: ["store"] },
        { name: "fast", seconds: steady(1 * ms), to: ["store"] },
        { name: "store", seconds: steady(5 * ms), buffer: 1 },
      ],
    },
  ],
  [
    "exponential times with small buffers",
    workers("score"),
    {
      stages: chain([4, 10, 5], [a, a, a]).map((one, index) => ({
        ...one,
        seconds: exponential(([4, 10, 5][index] ?? 0) * ms),
        buffer: 2,
      })),
    },
  ],
  ["a loop that is full outside the stages", loop(null), { stages: chain([10, 0.3, 0.3], [a, s, s]), outside: 0.93 }],
  ["a thread that gets a core half of the time", cpu("score"), { stages: chain([2, 10, 2], [s, s, s]), slowdown: 2 }],
  [
    "a thread that lacks cores, for stages of equal weight",
    cpu("score"),
    { stages: chain([7, 8, 7], [s, s, s]), slowdown: 1.6 },
  ],
  [
    "one stage that fills a loop, and would gain more than cores",
    loop("score"),
    { stages: chain([1, 20, 1], [s, s, s]), slowdown: 1.6 },
  ],
  ["a slow sink beside a short wait for cores", sink("store"), { stages: chain([1, 2, 10], [s, s, a]), slowdown: 1.6 }],
  [
    "a sink on native threads that lack cores",
    cpu("store"),
    { stages: chain([1, 1, 10], [s, s, a]), cores: 2, native: { cpu: 1.7, runQueue: 1.5 } },
  ],
  ["a start-up that fills the loop", sink("store"), { stages: chain([3, 3, 10], [a, a, a]), startUpSeconds: 3.4 }],
  [
    "a pipeline that ends long before the recording",
    sink("store"),
    {
      stages: chain([3, 3, 10], [a, a, a]).map((one, index) => (index === 0 ? { ...one, limit: 700 } : one)),
      idleSeconds: 20,
    },
  ],
  ["one stage alone that is a source", source("read"), { stages: [{ name: "read", seconds: steady(10 * ms) }] }],
  ["units that take a second each", sink("store"), { stages: chain([300, 300, 1000], [a, a, a]), seconds: 400 }],
  ["units that take microseconds", sink("store"), { stages: chain([0.03, 0.03, 0.1], [a, a, a]), seconds: 1 }],
];

describe("the limit is named for", () => {
  for (const [name, expected, plan] of cases)
    test(name, () => {
      const verdict = check(recordingOf(plan), expected);
      expect(verdict.confidence.score).toBeGreaterThan(0.5);
      expect(verdict.evidence.length).toBeGreaterThan(0);
    });
});

describe("a pipeline is unsure", () => {
  const unsure: Expected = { kind: "unsure" };
  function isMissing(recording: Recording, words: RegExp): void {
    expect(check(recording, unsure).missing.join()).toMatch(words);
  }

  test("with too few hand-overs", () => {
    isMissing(recordingOf({ stages: chain([30, 30, 100], [a, a, a]), seconds: 10 }), /of 150 source hand-overs/);
  });

  test("with a single snapshot", () => {
    const recording = recordingOf({ stages: chain([3, 3, 10], [a, a, a]) });
    isMissing({ ...recording, snapshots: recording.snapshots.slice(-1) }, /fewer than two snapshots/);
  });

  test("if nothing was handed over", () => {
    isMissing(recordingOf({ stages: chain([3, 3, 10], [a, a, a]), startUpSeconds: 30 }), /no stage handed anything/);
  });

  test("if no stage was found", () => {
    const { header, snapshots } = recordingOf({ stages: chain([3, 3, 10], [a, a, a]) });
    const none = { ...header, stages: [], edges: [] };
    isMissing({ header: none, snapshots: snapshots.map((one) => ({ ...one, stages: [] })) }, /no stage was recorded/);
  });

  test("if a tenth of the workers' time is unknown", () => {
    const recording = recordingOf({ stages: chain([3, 3, 10], [a, a, a]) });
    const partly = withRows(recording, (row) => {
      const [starved = 0, self = 0, , , blocked = 0] = row.stateSeconds;
      const unknown = 0.1 * (starved + self + blocked);
      return { ...row, stateSeconds: [0.9 * starved, 0.9 * self, 0, 0, 0.9 * blocked, unknown] };
    });
    isMissing(partly, /known for only 90 %/);
  });

  test("if the only stage is held up by what was not recorded", () => {
    const { header, snapshots } = recordingOf({ stages: chain([1, 1, 10], [a, a, a]) });
    const alone = {
      header: { ...header, stages: header.stages.slice(0, 1), edges: [] },
      snapshots: snapshots.map((one) => ({ ...one, stages: one.stages.slice(0, 1) })),
    };
    isMissing(alone, /nothing that takes from it was recorded/);
  });
});

test("a worker whose states add up to a moment more than the window is one worker", () => {
  const recording = withRows(recordingOf({ stages: chain([3, 10, 3], [a, a, a]) }), (row) => ({
    ...row,
    stateSeconds: row.stateSeconds.map((seconds) => 1.0004 * seconds),
  }));
  const { evidence } = check(recording, workers("score"));
  expect(evidence[0]?.text).toMatch(/^score 100 % in its own work$/);
});
