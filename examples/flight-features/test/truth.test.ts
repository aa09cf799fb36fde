import { expect, test } from "vitest";
import { type Evidence, expectation, limiting, median } from "../truth/judgement.ts";

const flat = { read: 0, decode: 0.01, features: 0, score: 0.02, store: -0.01 };
const synchronous = { loopUse: 1, msPerBatch: 10 };
const asynchronous = { loopUse: 0.2, msPerBatch: 10 };

/** Nothing is scored elsewhere, and the cores are half used. */
const plain = { cpuUse: 0.5, gcUse: 0.02, threadsGain: 0, slotsGain: null, asideGains: {} };
const scoring = { ...plain, gains: { ...flat, score: 0.9 }, loopUse: 0.3, alone: null };

const aside = { ...plain, gains: flat, loopUse: 0.98, alone: synchronous };

const cases: readonly (readonly [string, Evidence, unknown])[] = [
  [
    "synchronous work on a full loop is the event loop's pinch, held by that stage",
    { ...plain, gains: { ...flat, decode: 0.6 }, loopUse: 0.99, alone: synchronous },
    { kind: "bottleneck", entity: { kind: "event-loop", name: "main" }, stage: "decode" },
  ],
  [
    "a store that leaves the loop idle is a slow sink",
    { ...plain, gains: { ...flat, store: 0.8 }, loopUse: 0.4, alone: asynchronous },
    { kind: "bottleneck", entity: { kind: "sink", name: "store" }, stage: "store" },
  ],
  [
    "a source that gives more when doubled is the limit",
    { ...plain, gains: { ...flat, read: 1 }, loopUse: 0.3, alone: asynchronous },
    { kind: "source-limited", entity: { kind: "source", name: "read" }, stage: "read" },
  ],
  [
    "nothing limits when no candidate gains 3 %",
    { ...plain, gains: flat, loopUse: 0.5, alone: synchronous },
    { kind: "none", entity: null, stage: null },
  ],
  [
    "two candidates of much the same gain are balanced",
    { ...plain, gains: { ...flat, decode: 0.3, score: 0.28 }, loopUse: 1, alone: synchronous },
    { kind: "balanced", entity: null, stage: null },
  ],
  [
    "scoring that gains with threads is the pool's pinch",
    { ...scoring, cpuUse: 0.95, threadsGain: 0.6 },
    { kind: "bottleneck", entity: { kind: "workers", name: "score" }, stage: "score" },
  ],
  [
    "scoring on full cores that gains nothing with threads is the cores' pinch",
    { ...scoring, cpuUse: 0.97, threadsGain: -0.02 },
    { kind: "bottleneck", entity: { kind: "cpu", name: "cpu" }, stage: "score" },
  ],
  [
    "a board beside the stages that gains most is the event loop's pinch, held by no stage",
    { ...aside, asideGains: { board: 0.9 } },
    { kind: "bottleneck", entity: { kind: "event-loop", name: "main" }, stage: null },
  ],
  [
    "kept flights that gain most are the collector's pinch if that takes much of the time",
    { ...aside, asideGains: { recent: 0.5 }, gcUse: 0.3 },
    { kind: "bottleneck", entity: { kind: "gc", name: "main" }, stage: null },
  ],
  [
    "kept flights that gain most without much to collect are the event loop's pinch",
    { ...aside, asideGains: { recent: 0.5 }, gcUse: 0.1 },
    { kind: "bottleneck", entity: { kind: "event-loop", name: "main" }, stage: null },
  ],
  [
    "a heap that gains most when it is doubled is the memory's pinch, whatever else gains",
    { ...aside, gains: { ...flat, store: 0.3 }, asideGains: { recent: 0.4, heap: 1.2 }, gcUse: 0.2 },
    { kind: "bottleneck", entity: { kind: "memory", name: "main" }, stage: null },
  ],
  [
    "an aside and a stage that gain alike are balanced",
    { ...aside, gains: { ...flat, store: 0.45 }, asideGains: { recent: 0.5 }, gcUse: 0.3 },
    { kind: "balanced", entity: null, stage: null },
  ],
  [
    "scoring that gains as much with slots is the scorer's pinch",
    { ...scoring, threadsGain: null, slotsGain: 0.85 },
    { kind: "bottleneck", entity: { kind: "resource", name: "127.0.0.1:*" }, stage: "score" },
  ],
];

test.each(cases)("%s", (_, evidence, expected) => {
  expect(expectation(evidence)).toEqual(expected);
});

test("candidates within 20 % of the best gain limit", () => {
  expect(limiting({ ...flat, decode: 0.5, score: 0.4, store: 0.39 })).toEqual(["decode", "score"]);
});

test("the median of an even number of values lies between the middle two", () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
});
