import { bucketIndex, bucketUpperBound } from "@pinchpoint/sketch/exponential-index";
import { expect, test } from "vitest";
import { bucketOfMs, DURATION_BUCKET_COUNT, DURATION_GRID, durationBuckets } from "../src/duration-buckets.ts";
import { fixedRandom } from "./hand-clock.ts";

const LAST = DURATION_BUCKET_COUNT - 1;

test.each([
  ["zero", 0, 0],
  ["negative", -5, 0],
  ["no number", Number.NaN, 0],
  ["shorter than a clock read", 1e-6, 0],
  ["the smallest number", 5e-324, 0],
  ["an hour", 3_600_000, LAST],
  ["endless", Number.POSITIVE_INFINITY, LAST],
] as const)("a duration that is %s is counted at the edge", (_, durationMs, bucket) => {
  expect(bucketOfMs(durationMs)).toBe(bucket);
});

test("a duration lies within the bounds that its bucket has on OpenTelemetry's grid", () => {
  const { scale, offset } = durationBuckets(new Float64Array(DURATION_BUCKET_COUNT), 0);
  for (const durationMs of [0.01, 0.25, 1, 3.7, 999, 1000.001, 61_000]) {
    const index = offset + bucketOfMs(durationMs);
    expect(durationMs / 1000).toBeGreaterThan(2 ** (index / 2 ** scale));
    expect(durationMs / 1000).toBeLessThanOrEqual(2 ** ((index + 1) / 2 ** scale));
  }
});

/** By the grid's own rule, for any double. */
function bucketByTheGrid(durationMs: number): number {
  const bucket = bucketIndex(durationMs / 1000, DURATION_GRID.scale) - DURATION_GRID.offset;
  return Math.min(LAST, Math.max(0, bucket));
}

test("each bucket has the bounds of the grid, to the last bit of a double", () => {
  const [double, bits] = [new Float64Array(1), new BigInt64Array(1)];
  const neighbours = (value: number) =>
    [-2n, -1n, 0n, 1n, 2n].map((by) => {
      double[0] = value;
      bits[0] = (new BigInt64Array(double.buffer)[0] as bigint) + by;
      return new Float64Array(bits.buffer)[0] as number;
    });
  for (let bucket = -1; bucket <= DURATION_BUCKET_COUNT; bucket++) {
    const boundMs = bucketUpperBound(DURATION_GRID.offset + bucket, DURATION_GRID.scale) * 1000;
    for (const durationMs of neighbours(boundMs)) expect(bucketOfMs(durationMs)).toBe(bucketByTheGrid(durationMs));
  }
});

test("any duration is counted where the grid has it", () => {
  const random = fixedRandom(20_261_123);
  for (let drawn = 0; drawn < 100_000; drawn++) {
    const durationMs = 2 ** (-30 + 60 * random());
    expect(bucketOfMs(durationMs)).toBe(bucketByTheGrid(durationMs));
  }
});
