import type { ThreadDefinition } from "@pinchpoint/probe";
import { expect, test } from "vitest";
import { ThreadReadings } from "../src/thread-readings.ts";
import { workerIdOf, workerName } from "../src/worker-name.ts";

function thread(endedAtMs: number | null, osThreadId: number | null = 40): ThreadDefinition {
  return { id: 1, role: "worker", name: workerName("", 3), osThreadId, endedAtMs };
}

test("a thread that ended keeps its last reading, whatever its number belongs to by then", () => {
  let cpuSeconds = 2;
  const readings = new ThreadReadings({
    cpu: () => ({ cpuSeconds, runQueueSeconds: 1 }),
    loop: ({ endedAtMs }) => (endedAtMs === null ? { loopActiveSeconds: 5, loopIdleSeconds: 6 } : null),
  });
  const last = readings.read([thread(null)]);
  cpuSeconds = 900;
  expect(last).toEqual([{ thread: 1, cpuSeconds: 2, runQueueSeconds: 1, loopActiveSeconds: 5, loopIdleSeconds: 6 }]);
  expect(readings.read([thread(10)])).toEqual(last);
});

test("what reads less than before, or nothing any more, has not gone back", () => {
  const cpu = [3, 1, null];
  const readings = new ThreadReadings({
    cpu: () => ({ cpuSeconds: cpu.shift() ?? null, runQueueSeconds: null }),
    loop: () => null,
  });
  const seen = [1, 2, 3].map(() => readings.read([thread(null)])[0]?.cpuSeconds);
  expect(seen).toEqual([3, 3, 3]);
});

test("a platform that tells no thread ids gives no CPU times", () => {
  const readings = new ThreadReadings({ cpu: () => ({ cpuSeconds: 1, runQueueSeconds: 1 }), loop: () => null });
  expect(readings.read([thread(null, null)])[0]).toMatchObject({ cpuSeconds: null, runQueueSeconds: null });
});

test.each([
  ["", 3, "worker 3"],
  ["WorkerThread", 3, "worker 3"],
  ["encode", 12, "encode 12"],
])("a worker of title %j is called by it and its number, which can be read back", (title, workerId, name) => {
  expect(workerName(title, workerId)).toBe(name);
  expect(workerIdOf(name)).toBe(workerId);
});

test("main has no number", () => {
  expect(workerIdOf("main")).toBeNull();
});
