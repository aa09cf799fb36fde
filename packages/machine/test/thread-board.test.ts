import { expect, test } from "vitest";
import { BoardSlot, heapOf, newBoard } from "../src/thread-board.ts";

test("each thread has a slot of its own, which the others can read", () => {
  const board = newBoard(8);
  BoardSlot.claim(board, 0, 0)?.collected("minor", 0.002);
  const worker = BoardSlot.claim(board, 1, 7);
  worker?.collected("minor", 0.01);
  worker?.collected("minor", 0.05);
  worker?.collected("major", 30);
  const [minor, major] = heapOf(board, 1, 7)?.collections ?? [];
  expect(minor).toMatchObject({ kind: "minor", counts: [1, 1, 0, 0, 0] });
  expect(minor?.sumSeconds).toBeCloseTo(0.06, 12);
  expect(major).toEqual({ kind: "major", counts: [0, 0, 0, 0, 1], sumSeconds: 30 });
  expect(heapOf(board, 0, 0)?.collections[0]).toEqual({ kind: "minor", counts: [1, 0, 0, 0, 0], sumSeconds: 0.002 });
  expect(heapOf(board, 2, 8)).toBeNull();
});

test("a heap is unknown before it was told", () => {
  const board = newBoard(8);
  const slot = BoardSlot.claim(board, 3, 3);
  expect(heapOf(board, 3, 3)).toMatchObject({ heapBytes: null, heapLimitBytes: null, spaces: [] });
  slot?.heap(80, 100, [{ used: 50, size: 80 }]);
  const told = heapOf(board, 3, 3);
  expect(told).toMatchObject({ heapBytes: 80, heapLimitBytes: 100 });
  expect(told?.spaces.slice(0, 2)).toEqual([
    { used: 50, size: 80 },
    { used: 0, size: 0 },
  ]);
});

test("a thread that gets the slot of one which has ended adds to its collections, and has a heap of its own", () => {
  const board = newBoard(2);
  const former = BoardSlot.claim(board, 1, 3);
  former?.collected("major", 0.5);
  former?.heap(80, 100, [{ used: 50, size: 80 }]);
  expect(heapOf(board, 1, 9)).toMatchObject({ heapBytes: null, spaces: [] });
  const latter = BoardSlot.claim(board, 1, 9);
  expect(heapOf(board, 1, 9)).toMatchObject({ heapBytes: null, heapLimitBytes: null, spaces: [] });
  latter?.collected("major", 0.25);
  expect(heapOf(board, 1, 9)?.collections[1]).toMatchObject({ counts: [0, 0, 2, 0, 0], sumSeconds: 0.75 });
});

test("a slot that the board does not have is nobody's", () => {
  const board = newBoard(2);
  expect(BoardSlot.claim(board, 2, 7)).toBeNull();
  expect(heapOf(board, 2, 7)).toBeNull();
});
