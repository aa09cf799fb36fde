import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  bucketIndex,
  bucketUpperBound,
  HIGHEST_SCALE,
  LOWEST_SCALE,
  relativeErrorAt,
} from "../src/exponential-index.ts";
import { exactIndex, nextUp, powerOfTwoFloor } from "./exact-boundaries.ts";
import { NASTY_VALUES } from "./laws.ts";

const SCALES = Array.from({ length: HIGHEST_SCALE - LOWEST_SCALE + 1 }, (_, at) => LOWEST_SCALE + at);
const OCTAVES = [-1022, -1021, -512, -53, -31, -1, 0, 1, 9, 52, 53, 600, 1022, 1023];

/** The double at a boundary or just below it is in the bucket that ends there; the next double is in the one above. */
function checkBoundary(atOrBelow: number, index: number, scale: number): void {
  const given = `${atOrBelow} at scale ${scale}`;
  expect(bucketIndex(atOrBelow, scale), given).toBe(index);
  expect(bucketUpperBound(index, scale), given).toBe(atOrBelow);
  if (atOrBelow === Number.MAX_VALUE) return;
  const above = bucketIndex(nextUp(atOrBelow), scale);
  // Subnormal doubles can be further apart than buckets are wide.
  if (atOrBelow < 2 ** -1022) expect(above, `above ${given}`).toBe(exactIndex(nextUp(atOrBelow), scale));
  else expect(above, `above ${given}`).toBe(index + 1);
}

test("a power of two belongs to the bucket below it, at every scale and exponent", () => {
  for (const scale of SCALES) {
    for (let exponent = -1074; exponent < 1024; exponent += 1) {
      const boundary = exponent * 2 ** scale;
      if (Number.isInteger(boundary)) checkBoundary(2 ** exponent, boundary - 1, scale);
      else expect(bucketIndex(2 ** exponent, scale)).toBe(Math.floor(boundary));
    }
  }
});

test("at every boundary of scales 1 to 8 the last double below and the first above are told apart", () => {
  for (const scale of SCALES.filter((candidate) => candidate > 0)) {
    const perOctave = 2 ** scale;
    for (let j = 1; j < perOctave; j += 1) {
      const significand = Number(powerOfTwoFloor(BigInt(52 * perOctave + j), scale)) / 2 ** 52;
      for (const octave of OCTAVES) checkBoundary(significand * 2 ** octave, octave * perOctave + j - 1, scale);
    }
  }
});

test("boundaries among subnormal numbers are as exact as others", () => {
  for (const scale of [1, 3, 6]) {
    const perOctave = 2 ** scale;
    for (let units = 1; units < 12 * perOctave; units += 1) {
      const atOrBelow = Number(powerOfTwoFloor(BigInt(units), scale)) * Number.MIN_VALUE;
      const index = units - 1074 * perOctave - 1;
      expect(bucketUpperBound(index, scale)).toBe(atOrBelow);
      expect(bucketIndex(nextUp(atOrBelow), scale)).toBeGreaterThan(index);
      expect(bucketIndex(atOrBelow, scale)).toBeLessThanOrEqual(index);
    }
  }
});

test("any double's bucket is the greatest i with base^i below it, in exact arithmetic", () => {
  const positives = NASTY_VALUES.filter((value) => value > 0 && Number.isFinite(value));
  const check = (value: number, scale: number): void => {
    expect(bucketIndex(value, scale), `${value} at scale ${scale}`).toBe(exactIndex(value, scale));
  };
  for (const value of positives) for (const scale of SCALES) check(value, scale);
  const doubles = fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true });
  const subnormals = fc.bigInt({ min: 1n, max: 2n ** 52n }).map((units) => Number(units) * Number.MIN_VALUE);
  fc.assert(fc.property(fc.oneof(doubles, subnormals), fc.constantFrom(...SCALES), check), { numRuns: 2000 });
});

test("bounds beyond the doubles are the nearest double inside", () => {
  expect(bucketUpperBound(bucketIndex(Number.MAX_VALUE, 6), 6)).toBe(Number.MAX_VALUE);
  expect(bucketUpperBound(0, -10)).toBe(Number.MAX_VALUE);
  expect(bucketUpperBound(-3, -10)).toBe(0);
});

test("the stated error is that of the middle of a bucket", () => {
  const cases = [
    { scale: 6, error: 0.0054152 },
    { scale: 5, error: 0.0108301 },
    { scale: 0, error: 1 / 3 },
    { scale: -1, error: 0.6 },
    { scale: -10, error: 1 },
  ];
  for (const { scale, error } of cases) expect(relativeErrorAt(scale), `scale ${scale}`).toBeCloseTo(error, 6);
});
