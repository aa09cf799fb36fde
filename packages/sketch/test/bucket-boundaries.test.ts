import { expect, test } from "vitest";
import { BOUNDARIES_BELOW_CELL, BOUNDARY_MANTISSAS } from "../src/bucket-boundaries.ts";
import { powerOfTwoFloor } from "./exact-boundaries.ts";

const CELL_WIDTH = 2 ** 43;

test("the committed boundaries are the BigInt roots of two, to the last bit", () => {
  const roots = Array.from({ length: 257 }, (_, j) => Number(powerOfTwoFloor(52n * 256n + BigInt(j), 8) - 2n ** 52n));
  expect(Array.from(BOUNDARY_MANTISSAS)).toEqual(roots);
});

test("the committed cells count the boundaries below them, and none holds two", () => {
  const below = Array.from(
    { length: 512 },
    (_, cell) => BOUNDARY_MANTISSAS.filter((at) => at < cell * CELL_WIDTH).length,
  );
  expect(Array.from(BOUNDARIES_BELOW_CELL)).toEqual(below);
  const inside = below.map((count, cell) => (below[cell + 1] ?? 256) - count);
  expect(Math.max(...inside)).toBe(1);
});
