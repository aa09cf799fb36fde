import type { ThreadDefinition } from "@pinchpoint/probe";
import { expect, test } from "vitest";
import { ThreadReadings } from "../src/thread-readings.ts";
import { workerName } from "../src/worker-name.ts";

/** What is not asked of a test's threads. */
const SILENT = { heap: () => null, spaceNames: () => [], outside: () => [] };

function thread(endedAtMs: number | null, osThreadId: number | null = 40, workerId = 3): ThreadDefinition {
  return { id: 1, role: "worker", name: workerName("", workerId), workerId, osThreadId, endedAtMs };
}

test("a thread that ended keeps its last reading, whatever its number belongs to by then", () => {
  let cpuSeconds = 2;
  const readings = new ThreadReadings({
    ...SILENT,
    cpu: () => ({ cpuSeconds, runQueueSeconds: 1 }),
    loop: ({ endedAtMs }) => (endedAtMs === null ? { loopActiveSeconds: 5, loopIdleSeconds: 6 } : null),
  });
  const last = readings.read([thread(null)]);
  cpuSeconds = 900;
  expect(last[0]?.snapshot).toMatchObject({
    thread: 1,
    cpuSeconds: 2,
    runQueueSeconds: 1,
    loopActiveSeconds: 5,
    loopIdleSeconds: 6,
  });
  expect(readings.read([thread(10)])).toEqual(last);
});

test("what reads less than before, or nothing any more, has not gone back", () => {
  const cpu = [3, 1, null];
  const readings = new ThreadReadings({
    ...SILENT,
    cpu: () => ({ cpuSeconds: cpu.shift() ?? null, runQueueSeconds: null }),
    loop: () => null,
  });
  const seen = [1, 2, 3].map(() => readings.read([thread(null)])[0]?.snapshot.cpuSeconds);
  expect(seen).toEqual([3, 3, 3]);
});

test("a platform that tells no thread ids gives no CPU times", () => {
  const readings = new ThreadReadings({
    ...SILENT,
    cpu: () => ({ cpuSeconds: 1, runQueueSeconds: 1 }),
    loop: () => null,
  });
  expect(readings.read([thread(null, null)])[0]?.snapshot).toMatchObject({ cpuSeconds: null, runQueueSeconds: null });
});

test.each([
  ["", 3, "worker 3"],
  ["WorkerThread", 3, "worker 3"],
  ["encode", 12, "encode 12"],
])("a worker of title %j is called by it and its number", (title, workerId, name) => {
  expect(workerName(title, workerId)).toBe(name);
});

test("a thread that gets the slot of one which has ended adds to what that one took, though its system id be the same", () => {
  const cpu = [5, 7, 1, 4];
  const loops = [[2, 3] as const, null, [1, 1] as const];
  const readings = new ThreadReadings({
    ...SILENT,
    cpu: () => ({ cpuSeconds: cpu.shift() ?? null, runQueueSeconds: null }),
    loop: () => {
      const [loopActiveSeconds, loopIdleSeconds] = loops.shift() ?? [];
      return loopActiveSeconds === undefined ? null : { loopActiveSeconds, loopIdleSeconds: loopIdleSeconds ?? 0 };
    },
  });
  const seen = [
    thread(null),
    thread(null),
    thread(10),
    thread(null, 40, 9),
    thread(null, 40, 9),
    thread(20, 40, 9),
    thread(null, null, 11),
  ].map((one) => readings.read([one])[0]?.snapshot);
  expect(seen.map((one) => one?.cpuSeconds)).toEqual([5, 7, 7, 8, 11, 11, 11]);
  expect(seen.map((one) => one?.loopActiveSeconds)).toEqual([2, 2, 2, 3, 3, 3, 3]);
  expect(seen.map((one) => one?.loopIdleSeconds)).toEqual([3, 3, 3, 4, 4, 4, 4]);
});

test("a thread's collections are summed, its mark-sweeps apart, and its spaces have names while it lives", () => {
  const collections = [
    { kind: "minor", counts: [2, 0, 0, 0, 0], sumSeconds: 0.01 },
    { kind: "major", counts: [0, 1, 0, 0, 0], sumSeconds: 0.05 },
    { kind: "incremental", counts: [1, 0, 0, 0, 0], sumSeconds: 0.002 },
  ] as const;
  const spaces = [
    { used: 5, size: 8 },
    { used: 1, size: 2 },
    { used: 0, size: 0 },
  ];
  const readings = new ThreadReadings({
    cpu: () => ({ cpuSeconds: 1, runQueueSeconds: 1 }),
    loop: () => null,
    heap: () => ({ collections, heapBytes: 10, heapLimitBytes: 16, spaces }),
    spaceNames: () => ["old_space", "new_space"],
    outside: () => [{ name: "setInterval tick (a.js:1)", seconds: 2 }],
  });
  const [living] = readings.read([thread(null)]);
  expect(living?.snapshot.gcSeconds).toBeCloseTo(0.062, 12);
  expect(living?.snapshot.markSweepSeconds).toBeCloseTo(0.052, 12);
  expect(living?.snapshot).toMatchObject({
    heapBytes: 10,
    heapLimitBytes: 16,
    outside: [{ name: "setInterval tick (a.js:1)", seconds: 2 }],
  });
  expect(living?.spaces).toEqual([
    { name: "old_space", used: 5, size: 8 },
    { name: "new_space", used: 1, size: 2 },
  ]);
  const [ended] = readings.read([thread(10)]);
  expect(ended?.spaces).toEqual([]);
  expect(ended?.snapshot.gcSeconds).toBe(living?.snapshot.gcSeconds);
});
