import type { ExponentialHistogram, Histogram } from "@opentelemetry/sdk-metrics";
import type { DurationBuckets } from "@pinchpoint/probe";

/** @param counts - by bucket, ascending, the overflow last; they become the value's own */
export function explicitHistogram(counts: number[], sumSeconds: number, boundsSeconds: readonly number[]): Histogram {
  // The count is made of the buckets, so that the two never disagree.
  return { buckets: { boundaries: [...boundsSeconds], counts }, sum: sumSeconds, count: total(counts) };
}

/** Each bucket as it was recorded; those before the first and after the last that has something are left out. */
export function exponentialHistogram({ scale, offset, counts, sumSeconds }: DurationBuckets): ExponentialHistogram {
  const first = Math.max(
    0,
    counts.findIndex((count) => count > 0),
  );
  const bucketCounts = [...counts.subarray(first, counts.findLastIndex((count) => count > 0) + 1)];
  return {
    count: total(bucketCounts),
    sum: sumSeconds,
    scale,
    zeroCount: 0,
    positive: { offset: offset + first, bucketCounts },
    negative: { offset: 0, bucketCounts: [] },
  };
}

function total(counts: readonly number[]): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
