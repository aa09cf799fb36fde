import { expect, test } from "vitest";
import { bucketOfMs, DURATION_BUCKET_COUNT, durationBuckets } from "../src/duration-buckets.ts";

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
