import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ExactSum } from "../src/exact-sum.ts";
import { unitsOf } from "./exact-boundaries.ts";
import { type Recorded, recordings } from "./laws.ts";

function sumOf(recorded: readonly Recorded[]): ExactSum {
  const sum = new ExactSum();
  for (const { value, times } of recorded) if (Number.isFinite(value)) sum.add(value, times);
  return sum;
}

function exactUnits(recorded: readonly Recorded[]): bigint {
  let units = 0n;
  for (const { value, times } of recorded) {
    if (!Number.isFinite(value)) continue;
    units += BigInt(Math.sign(value)) * unitsOf(Math.abs(value)) * BigInt(times);
  }
  return units;
}

test("sums are exact, and survive being taken apart", () => {
  fc.assert(
    fc.property(recordings, (recorded) => {
      const sum = sumOf(recorded);
      expect(sum.units).toBe(exactUnits(recorded));
      expect(ExactSum.fromUnits(sum.units).units).toBe(sum.units);
      expect(sum.copy().value).toBe(sum.value);
    }),
  );
});

test("more additions than a limb has room for are carried in time", () => {
  const sum = new ExactSum();
  for (let batch = 0; batch < 5; batch += 1) sum.add(1 - 2 ** -53, 2 ** 20 - 1);
  for (let batch = 0; batch < 3; batch += 1) sum.add(-Number.MAX_VALUE, Number.MAX_SAFE_INTEGER);
  const expected =
    5n * (2n ** 20n - 1n) * unitsOf(1 - 2 ** -53) - 3n * BigInt(Number.MAX_SAFE_INTEGER) * unitsOf(Number.MAX_VALUE);
  expect(sum.units).toBe(expected);
});

test("the sum is rounded once, to the nearest double", () => {
  const max = Number.MAX_VALUE;
  const cases: { values: number[]; sum: number }[] = [
    { values: [], sum: 0 },
    { values: [0.1, 0.2, -0.3], sum: 2 ** -55 },
    { values: [1e16, 1, -1e16], sum: 1 },
    { values: [max, max, -max], sum: max },
    { values: [max, max], sum: Number.POSITIVE_INFINITY },
    { values: [-max, -max], sum: Number.NEGATIVE_INFINITY },
    { values: [max, 2 ** 969], sum: max },
    { values: [max, 2 ** 970], sum: Number.POSITIVE_INFINITY },
    { values: [2 ** 53, 1], sum: 2 ** 53 },
    { values: [2 ** 53, 1, Number.MIN_VALUE], sum: 2 ** 53 + 2 },
    { values: [-(2 ** 53), -1, -Number.MIN_VALUE], sum: -(2 ** 53) - 2 },
    { values: [Number.MIN_VALUE, -3 * Number.MIN_VALUE], sum: -2 * Number.MIN_VALUE },
  ];
  for (const { values, sum } of cases) {
    expect(sumOf(values.map((value) => ({ value, times: 1 }))).value, values.join(" + ")).toBe(sum);
  }
});
