import fc from "fast-check";
import { expect, test } from "vitest";
import { BucketFold, DURATION_BOUNDS_SECONDS } from "../src/explicit-buckets.ts";
import { durations, foldedCounts } from "./snapshots.ts";

interface Case {
  readonly scale: number;
  readonly offset: number;
  readonly counts: readonly number[];
  readonly bounds: readonly number[];
}

function check({ scale, offset, counts, bounds }: Case, folded: readonly number[]) {
  expect(foldedCounts({ scale, offset, counts: new Float64Array(counts), sumSeconds: 0 }, bounds)).toEqual(folded);
}

test("a bucket that ends at a bound belongs below it, and the next one above", () => {
  // (0.5, 1], (1, 2], (2, 4], and what is longer
  check({ scale: 0, offset: -1, counts: [1, 10, 100, 1000], bounds: [1, 2] }, [1, 10, 1100]);
});

test("a bucket that straddles a bound goes up", () => {
  check({ scale: 0, offset: 0, counts: [7, 0, 0], bounds: [1.5, 3] }, [0, 7, 0]);
});

test("what is longer than the grid goes to the overflow, though its bucket ends at a bound", () => {
  check({ scale: 0, offset: 0, counts: [0, 0, 5], bounds: [1, 8] }, [0, 0, 5]);
});

test("what is shorter than the grid stays in the first bucket", () => {
  check({ scale: 0, offset: 0, counts: [5, 0], bounds: [2] }, [5, 0]);
});

test("an empty grid, and one without bounds, keep their shape", () => {
  check({ scale: 3, offset: 0, counts: [], bounds: [1] }, [0, 0]);
  check({ scale: 3, offset: 0, counts: [1, 2], bounds: [] }, [3]);
});

test("the default bounds lie on the grid, so that each duration is counted where it belongs", () => {
  for (const [bound, seconds] of DURATION_BOUNDS_SECONDS.entries()) {
    expect(foldedCounts(durations(seconds), DURATION_BOUNDS_SECONDS)[bound]).toBe(1);
    expect(foldedCounts(durations(seconds * 1.0001), DURATION_BOUNDS_SECONDS)[bound + 1]).toBe(1);
  }
});

test("a fold that has met one grid folds another one as rightly", () => {
  const fold = new BucketFold([1, 2]);
  const folded = new Float64Array(3);
  const grid = (scale: number, offset: number) => ({
    scale,
    offset,
    counts: new Float64Array([1, 10, 100, 1000]),
    sumSeconds: 0,
  });
  expect(fold.addTo(folded, grid(0, -1))).toBe(1111);
  expect(fold.addTo(folded, grid(0, -2))).toBe(1111);
  expect([...folded]).toEqual([1 + 11 + 0, 10 + 100, 1100 + 1000]);
});

test("no count is lost, whatever the grid and the bounds", () => {
  const grid = fc.record({
    scale: fc.integer({ min: -4, max: 8 }),
    offset: fc.integer({ min: -300, max: 300 }),
    counts: fc.array(fc.nat(1e6), { maxLength: 60 }),
    bounds: fc.uniqueArray(fc.double({ min: 1e-9, max: 1e6, noNaN: true }), { maxLength: 30 }),
  });
  fc.assert(
    fc.property(grid, ({ scale, offset, counts, bounds }) => {
      const ascending = bounds.sort((a, b) => a - b);
      const folded = foldedCounts({ scale, offset, counts: new Float64Array(counts), sumSeconds: 0 }, ascending);
      expect(folded.length).toBe(bounds.length + 1);
      expect(folded.reduce((sum, count) => sum + count, 0)).toBe(counts.reduce((sum, count) => sum + count, 0));
    }),
  );
});
