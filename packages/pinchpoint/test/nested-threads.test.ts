import { expect, test } from "vitest";
import { NestedThreads, newMemory } from "../src/nested-threads.ts";

function told(names: readonly string[]) {
  const main = new NestedThreads(newMemory(true));
  const worker = new NestedThreads(main.memory);
  for (const name of names) worker.tell(name);
  return main.told();
}

test("what a worker tells of its threads is there for the main thread, counted by name", () => {
  expect(told([])).toEqual([]);
  expect(told(["a worker of größe.js", "b", "a worker of größe.js"])).toEqual([
    { name: "a worker of größe.js", threads: 2 },
    { name: "b", threads: 1 },
  ]);
});

test("a name that is too long is cut, and an empty one is replaced", () => {
  expect(told(["x".repeat(200), ""])).toEqual([
    { name: "x".repeat(63), threads: 1 },
    { name: "worker", threads: 1 },
  ]);
});

test("of threads without end the first are named, and all are counted", () => {
  const names = Array.from({ length: 40 }, (_, id) => `worker ${id}`);
  const threads = told(names);
  expect(threads).toHaveLength(33);
  expect(threads.at(-1)).toEqual({ name: "others", threads: 8 });
});
