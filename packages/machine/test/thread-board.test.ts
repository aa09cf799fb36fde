import { expect, test } from "vitest";
import { BoardSlot, heapOf, newBoard } from "../src/thread-board.ts";

test("each thread has a slot of its own, which the others can read", () => {
  const board = newBoard();
  BoardSlot.claim(board, 0)?.collected("minor", 0.002);
  const worker = BoardSlot.claim(board, 7);
  worker?.collected("minor", 0.01);
  worker?.collected("minor", 0.05);
  worker?.collected("major", 30);
  const [minor, major] = heapOf(board, 7)?.collections ?? [];
  expect(minor).toMatchObject({ kind: "minor", counts: [1, 1, 0, 0, 0] });
  expect(minor?.sumSeconds).toBeCloseTo(0.06, 12);
  expect(major).toEqual({ kind: "major", counts: [0, 0, 0, 0, 1], sumSeconds: 30 });
  expect(heapOf(board, 0)?.collections[0]).toEqual({ kind: "minor", counts: [1, 0, 0, 0, 0], sumSeconds: 0.002 });
  expect(heapOf(board, 8)).toBeNull();
});

test("a heap is unknown before it was told", () => {
  const board = newBoard();
  const slot = BoardSlot.claim(board, 3);
  expect(heapOf(board, 3)).toMatchObject({ heapBytes: null, heapLimitBytes: null, spaces: [] });
  slot?.heap(80, 100, [{ used: 50, size: 80 }]);
  const told = heapOf(board, 3);
  expect(told).toMatchObject({ heapBytes: 80, heapLimitBytes: 100 });
  expect(told?.spaces.slice(0, 2)).toEqual([
    { used: 50, size: 80 },
    { used: 0, size: 0 },
  ]);
});

test("a thread beyond the sixteenth has no slot", () => {
  const board = newBoard();
  const slots = Array.from({ length: 17 }, (_, workerId) => BoardSlot.claim(board, workerId));
  expect(slots.map((slot) => slot !== null)).toEqual([...Array<boolean>(16).fill(true), false]);
  expect(heapOf(board, 16)).toBeNull();
});
