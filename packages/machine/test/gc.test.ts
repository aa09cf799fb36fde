import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type GcPause, watchGc } from "../src/gc.ts";
import { BoardSlot, heapOf, newBoard } from "../src/thread-board.ts";

const HEAP = {
  limitBytes: 400,
  spaces: [
    { name: "read_only_space", used: 9, size: 9 },
    { name: "new_space", used: 30, size: 60 },
    { name: "old_space", used: 50, size: 80 },
    { name: "large_object_space", used: 10, size: 15 },
    { name: "new_large_object_space", used: 5, size: 5 },
  ],
};

function watched(limitBytes: number | null) {
  const board = newBoard(1);
  const slot = BoardSlot.claim(board, 0, 0);
  if (slot === null) throw new TypeError("no room on a new board");
  let tell: (pause: GcPause) => void = () => {};
  let readings = 0;
  const stop = watchGc({
    slot,
    limitBytes,
    heap: () => {
      readings += 1;
      return HEAP;
    },
    observe: (told) => {
      tell = told;
      return () => {
        tell = () => {};
      };
    },
  });
  return { tell: (pause: GcPause) => tell(pause), stop, told: () => heapOf(board, 0, 0), readings: () => readings };
}

test("pauses are counted by their kind, and one of a kind that nobody knows is left out", () => {
  const { tell, told } = watched(null);
  for (const [kindCode, durationMs] of [
    [1, 2],
    [1, 3],
    [4, 50],
    [8, 1],
    [16, 4],
    [64, 9],
  ] as const)
    tell({ kindCode, durationMs });
  const seconds = told()?.collections.map(({ kind, sumSeconds }) => [kind, Math.round(1000 * sumSeconds)]);
  expect(seconds).toEqual([
    ["minor", 5],
    ["major", 50],
    ["incremental", 1],
    ["weakcb", 4],
  ]);
});

test("the heap is read after mark-sweeps only, and is what V8 holds for objects that survive", () => {
  const { tell, told, readings } = watched(null);
  tell({ kindCode: 1, durationMs: 2 });
  expect([readings(), told()?.heapBytes]).toEqual([0, null]);
  tell({ kindCode: 4, durationMs: 2 });
  expect([readings(), told()?.heapBytes, told()?.heapLimitBytes]).toEqual([1, 95, 400]);
});

test("a limit that was given goes before what V8 tells", () => {
  const { tell, told } = watched(100);
  tell({ kindCode: 4, durationMs: 2 });
  expect(told()?.heapLimitBytes).toBe(100);
});

test("what is told after its end is not counted", () => {
  const { tell, told, stop } = watched(null);
  stop();
  tell({ kindCode: 1, durationMs: 2 });
  expect(told()?.collections[0]?.sumSeconds).toBe(0);
});

test("a worker's own collections are seen by the main thread, and a process that is watched ends", () => {
  const fixture = fileURLToPath(new URL("collecting.ts", import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--expose-gc", fixture], { encoding: "utf8" });
  expect({ stdout, stderr, status }).toEqual({ stdout: "worker true, main false, heap true\n", stderr: "", status: 0 });
});
