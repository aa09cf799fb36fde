import { expect, test } from "vitest";
import { GREATEST_MOMENT_VALUE, Moments } from "../src/moments.ts";
import { describeMergeLaws, type Recorded } from "./laws.ts";

function momentsOf(values: readonly number[]): Moments {
  const moments = new Moments();
  for (const value of values) moments.record(value);
  return moments;
}

/** The rounding that the class states: a few units of the last place of the greatest magnitude per recorded value. */
function expectSame(actual: Moments, expected: Moments, all: readonly Recorded[]): void {
  for (const field of ["count", "refused", "min", "max", "isEmpty"] as const) {
    expect(actual[field], field).toBe(expected[field]);
  }
  if (expected.count === 0) return;
  const min = expected.min ?? 0;
  const max = expected.max ?? 0;
  const steps = 4 * (all.length + 1);
  const meanError = steps * (Number.EPSILON * Math.max(-min, max) + Number.MIN_VALUE);
  expect(Math.abs((actual.mean ?? 0) - (expected.mean ?? 0)), "mean").toBeLessThanOrEqual(meanError);
  const range = max - min;
  const squaresError =
    expected.count * (2 * range * meanError + meanError * meanError + Number.MIN_VALUE) +
    steps * Number.EPSILON * expected.squaredDeviations;
  const difference = Math.abs(actual.squaredDeviations - expected.squaredDeviations);
  expect(difference, "squared deviations").toBeLessThanOrEqual(squaresError);
}

describeMergeLaws("Moments", {
  empty: () => new Moments(),
  record: (moments, { value, times }) => moments.record(value, times),
  expectSame,
});

test("moments are those of the textbook", () => {
  const moments = momentsOf([2, 4, 4, 4, 5, 5, 7, 9]);
  expect(moments.count).toBe(8);
  expect(moments.mean).toBeCloseTo(5, 12);
  expect(moments.squaredDeviations).toBeCloseTo(32, 12);
  expect(moments.variance).toBeCloseTo(32 / 7, 12);
  expect([moments.min, moments.max]).toEqual([2, 9]);
});

test("a small spread around a great mean is not lost", () => {
  const moments = momentsOf([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]);
  expect(moments.variance).toBeCloseTo(30, 6);
});

test("a value recorded many times weighs as much as many records", () => {
  const moments = new Moments();
  moments.record(1, 3);
  moments.record(5, 1);
  expectSame(moments, momentsOf([1, 1, 1, 5]), [{ value: 5, times: 4 }]);
});

test("what is not known is null, not zero", () => {
  const none = new Moments();
  expect([none.mean, none.variance, none.min, none.max]).toEqual([null, null, null, null]);
  expect(momentsOf([3]).variance).toBeNull();
});

test("values whose squares could overflow are refused and counted, and nothing becomes Infinity or NaN", () => {
  const moments = momentsOf([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MAX_VALUE, -1e200]);
  expect([moments.count, moments.refused]).toEqual([0, 5]);
  moments.record(GREATEST_MOMENT_VALUE, 2 ** 52);
  moments.record(-GREATEST_MOMENT_VALUE, 2 ** 52 - 1);
  expect(Number.isFinite(moments.variance)).toBe(true);
  expect(Number.isFinite(moments.mean)).toBe(true);
});

test("an impossible number of times is refused, zero times records nothing", () => {
  const moments = new Moments();
  for (const times of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) moments.record(1, times);
  moments.record(1, 0);
  expect([moments.count, moments.refused]).toEqual([0, 4]);
});
