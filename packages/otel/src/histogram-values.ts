import type { ExponentialHistogram, Histogram } from "@opentelemetry/sdk-metrics";
import type { DurationBuckets } from "@pinchpoint/probe";
import { foldedCounts } from "./explicit-buckets.ts";

const sum = (one: number, other: number): number => one + other;

/** @param boundsSeconds - inclusive upper bounds, ascending */
export function explicitHistogram(durations: DurationBuckets, boundsSeconds: readonly number[]): Histogram {
  const counts = foldedCounts(durations, boundsSeconds);
  // The count is made of the buckets, so that the two never disagree.
  return {
    buckets: { boundaries: [...boundsSeconds], counts },
    sum: durations.sumSeconds,
    count: counts.reduce(sum, 0),
  };
}

/** Each bucket as it was recorded; those before the first and after the last that has something are left out. */
export function exponentialHistogram({ scale, offset, counts, sumSeconds }: DurationBuckets): ExponentialHistogram {
  const first = Math.max(
    0,
    counts.findIndex((count) => count > 0),
  );
  const bucketCounts = [...counts.subarray(first, counts.findLastIndex((count) => count > 0) + 1)];
  return {
    count: bucketCounts.reduce(sum, 0),
    sum: sumSeconds,
    scale,
    zeroCount: 0,
    positive: { offset: offset + first, bucketCounts },
    negative: { offset: 0, bucketCounts: [] },
  };
}
