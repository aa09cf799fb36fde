import { expect, test } from "vitest";
import { judge } from "../src/judge.ts";
import type { Action, Verdict } from "../src/verdict.ts";
import { type Calls, withCalls } from "./calls.ts";
import { recordingOf } from "./recordings.ts";
import { exact } from "./simulation.ts";

/** read -> score -> store, where score takes this many milliseconds and is always busy. */
function verdictOf(
  calls: Partial<Calls>,
  options: { readonly scoreMs?: number; readonly cores?: number } = {},
): Verdict {
  const stages = [
    { name: "read", seconds: exact(0.002), to: ["score"] },
    { name: "score", seconds: exact((options.scoreMs ?? 10) / 1000), to: ["store"] },
    { name: "store", seconds: exact(0.003) },
  ];
  const recording = recordingOf({ stages, cores: options.cores ?? 4 });
  const whole: Calls = {
    stage: "score",
    resource: "score-worker.js",
    kind: "pool",
    capacity: 1,
    waits: 0.9,
    uses: 0.05,
    atOnce: 0.98,
    threads: { count: 1, cpu: 0.97, runQueue: 0.01 },
    ...calls,
  };
  return judge(withCalls(recording, whole))[0] as Verdict;
}

function check(verdict: Verdict, kind: string, entity: string, stage: string | null): void {
  expect({ kind: verdict.kind, entity: verdict.entity, stage: verdict.stage }).toEqual({
    kind: "bottleneck",
    entity: { kind, name: entity },
    stage,
  });
}

function gainOf(verdict: Verdict, change: RegExp): number {
  const action = verdict.actions.find((one) => change.test(one.change)) as Action;
  return action.predictedThroughput / (verdict.throughput?.perSecond ?? 0);
}

test("a full pool is the workers of the one stage that calls it", () => {
  const verdict = verdictOf({});
  check(verdict, "workers", "score", "score");
  expect(verdict.evidence[0]?.text).toBe("pool score-worker.js (1 thread) in use 98 %");
  expect(verdict.actions[0]).toMatchObject({
    change: "score-worker.js threads 1 -> 2",
    step: { kind: "workers", stage: "score", from: 1, to: 2 },
  });
});

test("another thread of a full pool doubles the rate while there are cores", () => {
  expect(gainOf(verdictOf({}), /threads 1 -> 2/)).toBeCloseTo(2, 1);
});

test("another thread brings no more than the cores have left", () => {
  // 0.97 of a thread and half of the main thread's core, on 1.6 cores.
  const verdict = verdictOf({ threads: { count: 1, cpu: 0.97, runQueue: 0.01 } }, { cores: 1.2 });
  const gain = gainOf(verdict, /threads 1 -> 2/);
  expect(gain).toBeGreaterThan(1);
  expect(gain).toBeLessThan(1.3);
  expect(verdict.actions[0]?.nextLimiter).toEqual({ kind: "cpu", name: "cpu" });
});

test("a pool with more threads than cores is short of cores, and more threads bring nothing", () => {
  const verdict = verdictOf(
    { capacity: 4, atOnce: 3.95, threads: { count: 4, cpu: 0.48, runQueue: 0.5 } },
    { cores: 2 },
  );
  check(verdict, "cpu", "cpu", "score");
  expect(verdict.evidence[0]?.text).toMatch(/^threads of pool score-worker.js wait for a core 5\d % of the time$/);
  expect(gainOf(verdict, /^cores 2(\.0*)? -> 3/)).toBeCloseTo(1.5, 1);
  expect(gainOf(verdict, /threads 4 -> 5/)).toBe(1);
  expect(gainOf(verdict, /halve score's time/)).toBeGreaterThan(1.6);
  expect(verdict.ruledOut.filter(({ entity }) => entity.kind === "cpu")).toEqual([]);
});

test("a pool of as many threads that have cores is the limit itself", () => {
  const threads = { count: 4, cpu: 0.97, runQueue: 0.01 };
  check(verdictOf({ capacity: 4, atOnce: 3.95, threads }, { cores: 8 }), "workers", "score", "score");
});

test("tasks whose end the main thread is late to see do not make a pool look full", () => {
  const threads = { count: 1, cpu: 0.4, runQueue: 0.02 };
  const verdict = verdictOf({ threads });
  expect(verdict.ruledOut.find(({ text }) => text.startsWith("score-worker.js"))?.utilisation).toBeCloseTo(0.42, 1);
});

test("a stage that only waits for a service's answers is not the one that works", () => {
  const verdict = verdictOf({
    resource: "127.0.0.1:8080",
    kind: "service",
    capacity: null,
    waits: 0,
    uses: 0.97,
    atOnce: 4,
    threads: { count: 0, cpu: 0, runQueue: 0 },
  });
  check(verdict, "resource", "127.0.0.1:8080", "score");
  expect(verdict.actions[0]).toMatchObject({
    change: "halve the time of a call to 127.0.0.1:8080",
    step: { kind: "time", of: "resource", name: "127.0.0.1:8080", factor: 0.5 },
  });
  expect(gainOf(verdict, /halve/)).toBeGreaterThan(1.9);
  expect(verdict.evidence.map(({ text }) => text).join("; ")).toMatch(/4\.0 calls at once; whether they queue inside/);
});

test("a stage that works more than it calls stays the one that works", () => {
  const calls = { resource: "model", kind: "service", capacity: null, waits: 0, uses: 0.3, atOnce: 0.3 } as const;
  check(verdictOf({ ...calls, threads: { count: 0, cpu: 0, runQueue: 0 } }), "workers", "score", "score");
});

test("a pool with threads to spare does not limit; the stage that gives it one task at a time does", () => {
  const verdict = verdictOf({
    capacity: 8,
    waits: 0,
    uses: 0.97,
    atOnce: 0.97,
    threads: { count: 8, cpu: 0.12, runQueue: 0 },
  });
  check(verdict, "workers", "score", "score");
  expect(gainOf(verdict, /score workers 1(\.0*)? -> 2/)).toBeGreaterThan(1.8);
});
