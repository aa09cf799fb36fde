import { expect, test } from "vitest";
import { BoundHistogram } from "../src/bound-histogram.ts";
import { bucketOfMs, DURATION_BUCKET_COUNT } from "../src/duration-buckets.ts";
import { total } from "./hand-clock.ts";

const BUCKETS_AT = 3;

function recorded(...durationsMs: readonly number[]) {
  const words = new Float64Array(BUCKETS_AT + DURATION_BUCKET_COUNT + 1);
  const histogram = new BoundHistogram(words, 1, BUCKETS_AT);
  for (const durationMs of durationsMs) histogram.record(durationMs);
  const counts = words.subarray(BUCKETS_AT, BUCKETS_AT + DURATION_BUCKET_COUNT);
  return { sumMs: words[1], counts, others: [words[0], words[2], words.at(-1)] };
}

test("a duration adds to the sum and to its bucket, and to nothing else", () => {
  const { sumMs, counts, others } = recorded(250, 250, 3);
  expect(sumMs).toBe(503);
  expect(counts[bucketOfMs(250)]).toBe(2);
  expect(counts[bucketOfMs(3)]).toBe(1);
  expect(total(counts)).toBe(3);
  expect(others).toEqual([0, 0, 0]);
});

test.each([
  ["NaN", Number.NaN, 0],
  ["negative", -5, 0],
  ["of no length", 0, 0],
  ["endless", Number.POSITIVE_INFINITY, DURATION_BUCKET_COUNT - 1],
  ["longer than the last bucket", 1e12, DURATION_BUCKET_COUNT - 1],
])("a duration that is %s is counted, and spoils no sum", (_, durationMs, bucket) => {
  const { sumMs, counts } = recorded(durationMs, 2);
  expect(counts[bucket]).toBe(1);
  expect(total(counts)).toBe(2);
  expect(sumMs).toBe(durationMs === 1e12 ? 1e12 + 2 : 2);
});
