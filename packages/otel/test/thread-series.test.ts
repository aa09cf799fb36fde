import type { ThreadDefinition } from "@pinchpoint/probe";
import { expect, test } from "vitest";
import type { ThreadReading } from "../src/thread-series.ts";
import { Source } from "./collections.ts";
import { snapshot, thread, threadReading } from "./snapshots.ts";

const MAIN = thread();
const W1 = thread({ id: 1, role: "worker", name: "w1" });
const W2 = thread({ id: 2, role: "worker", name: "w2" });

interface Moment {
  readonly atMs?: number;
  readonly threads?: readonly ThreadDefinition[];
  readonly readings: readonly Partial<ThreadReading>[];
}

/** What is told of one metric at each moment. */
async function check(name: string, moments: readonly Moment[], expected: readonly Readonly<Record<string, number>>[]) {
  const source = new Source(snapshot());
  const seen = [];
  for (const { atMs = 0, threads = [MAIN, W1, W2], readings } of moments) {
    source.snapshot = snapshot({ atMs, threads });
    source.threads = readings.map(threadReading);
    seen.push(await source.told(name));
  }
  expect(seen).toEqual(expected);
}

test("CPU time and run-queue wait are summed by role", async () => {
  const readings = [
    { thread: 0, cpuSeconds: 1, runQueueSeconds: 0.25 },
    { thread: 1, cpuSeconds: 2, runQueueSeconds: 0.5 },
    { thread: 2, cpuSeconds: 4, runQueueSeconds: 1 },
  ];
  await check("pinchpoint.thread.cpu.time", [{ readings }], [{ "thread.role=main": 1, "thread.role=worker": 6 }]);
  await check(
    "pinchpoint.thread.runqueue.time",
    [{ readings }],
    [{ "thread.role=main": 0.25, "thread.role=worker": 1.5 }],
  );
});

test("what the platform does not tell is not told as 0", async () => {
  const readings = [{ thread: 0 }, { thread: 1, cpuSeconds: Number.NaN }];
  await check("pinchpoint.thread.cpu.time", [{ readings }], [{}]);
  await check("nodejs.eventloop.time", [{ readings: [{ thread: 0, loopActiveSeconds: 1 }] }], [{}]);
});

test("a thread that ended counts with its last reading, also after the snapshot has forgotten it", async () => {
  const living = { thread: 2, cpuSeconds: 4 };
  await check(
    "pinchpoint.thread.cpu.time",
    [
      { readings: [{ thread: 1, cpuSeconds: 2 }, living] },
      { readings: [living] },
      { readings: [{ thread: 1, cpuSeconds: null }, living] },
      { readings: [{ thread: 2, cpuSeconds: 5 }], threads: [MAIN, W2] },
      { readings: [], threads: [MAIN] },
    ],
    [6, 6, 6, 7, 7].map((seconds) => ({ "thread.role=worker": seconds })),
  );
});

test("a reading of a thread that nobody knows is left out", async () => {
  await check("pinchpoint.thread.cpu.time", [{ readings: [{ thread: 9, cpuSeconds: 2 }] }], [{}]);
});

test("the loop's time is told by state", async () => {
  await check(
    "nodejs.eventloop.time",
    [{ readings: [{ thread: 0, loopActiveSeconds: 3, loopIdleSeconds: 1 }] }],
    [{ "nodejs.eventloop.state=active thread.role=main": 3, "nodejs.eventloop.state=idle thread.role=main": 1 }],
  );
});

test("utilisation is that since the last collection, and the same for readers that collect at almost one time", async () => {
  const at = (atMs: number, loopActiveSeconds: number, loopIdleSeconds: number): Moment => ({
    atMs,
    readings: [{ thread: 0, loopActiveSeconds, loopIdleSeconds }],
  });
  await check(
    "nodejs.eventloop.utilization",
    [at(4000, 1, 3), at(4001, 1.001, 3), at(14_000, 10, 4), at(24_000, 10, 14)],
    [0.25, 0.25, 0.9, 0].map((share) => ({ "thread.role=main": share })),
  );
});

test("a loop that has not turned yet has no utilisation", async () => {
  await check(
    "nodejs.eventloop.utilization",
    [{ readings: [{ thread: 0, loopActiveSeconds: 0, loopIdleSeconds: 0 }] }],
    [{}],
  );
});
