import { expect, test } from "vitest";
import type { HeapReading } from "../src/heap-series.ts";
import { Source } from "./collections.ts";
import { snapshot, thread, threadReading } from "./snapshots.ts";

const THREADS = [
  thread(),
  thread({ id: 1, role: "worker", name: "w1" }),
  thread({ id: 2, role: "worker", name: "w2" }),
];

async function told(name: string, readings: readonly Partial<HeapReading>[]): Promise<unknown> {
  const source = new Source(snapshot({ threads: THREADS }));
  source.threads = readings.map((reading) => threadReading(reading));
  return source.told(name);
}

const minor = (counts: readonly number[], sumSeconds: number) => ({ kind: "minor", counts, sumSeconds });

test("collections are told by kind and role, summed over the role's threads", async () => {
  const readings = [
    {
      thread: 0,
      collections: [minor([3, 1, 0, 0, 0], 0.05), { kind: "major", counts: [0, 0, 1, 0, 0], sumSeconds: 0.2 }],
    },
    { thread: 1, collections: [minor([1, 0, 0, 0, 0], 0.01)] },
    { thread: 2, collections: [minor([2, 0, 0, 0, 1], 11)] },
  ];
  expect(await told("v8js.gc.duration", readings)).toMatchObject({
    "thread.role=main v8js.gc.type=minor": { count: 4, sum: 0.05, buckets: { counts: [3, 1, 0, 0, 0] } },
    "thread.role=main v8js.gc.type=major": { count: 1, sum: 0.2, buckets: { boundaries: [0.01, 0.1, 1, 10] } },
    "thread.role=worker v8js.gc.type=minor": { count: 4, sum: 11.01, buckets: { counts: [3, 0, 0, 0, 1] } },
  });
});

test("a kind of collection that never came is not told, nor a thread that nobody knows", async () => {
  expect(await told("v8js.gc.duration", [{ thread: 0, collections: [minor([0, 0, 0, 0, 0], 0)] }])).toEqual({});
  expect(await told("v8js.gc.duration", [{ thread: 9, collections: [minor([1, 0, 0, 0, 0], 1)] }])).toEqual({});
});

test("the heap is told by space", async () => {
  const spaces = [
    { name: "old_space", used: 70, size: 100 },
    { name: "large_object_space", used: 10, size: 20 },
  ];
  const readings = [
    { thread: 1, spaces },
    { thread: 2, spaces },
  ];
  expect(await told("v8js.memory.heap.used", readings)).toEqual({
    "thread.role=worker v8js.heap.space=old_space": 140,
    "thread.role=worker v8js.heap.space=large_object_space": 20,
  });
  expect(await told("v8js.memory.heap.limit", readings)).toEqual({
    "thread.role=worker v8js.heap.space=old_space": 200,
    "thread.role=worker v8js.heap.space=large_object_space": 40,
  });
});
