import type { DurationBuckets } from "@pinchpoint/probe";

/**
 * Inclusive upper bounds in seconds: every power of two from 15 µs to 64 s. They lie on the exponential grid at every
 * scale, so that nothing straddles a bound and the explicit buckets are exact.
 */
export const DURATION_BOUNDS_SECONDS: readonly number[] = Array.from({ length: 23 }, (_, step) => 2 ** (step - 16));

/**
 * Folds the exponential grid into explicit buckets, because Prometheus' text format has no exponential ones. A bucket
 * goes where its upper bound lies: one that straddles a bound goes up, so that a duration is never told too short.
 * The last bucket of the grid also holds all that is longer, so it goes to the overflow. No count is lost.
 *
 * @param boundsSeconds - inclusive upper bounds, ascending
 * @returns counts: length = boundsSeconds.length + 1; last is overflow
 */
export function foldedCounts({ scale, offset, counts }: DurationBuckets, boundsSeconds: readonly number[]): number[] {
  const folded = new Array<number>(boundsSeconds.length + 1).fill(0);
  const last = counts.length - 1;
  let bucket = 0;
  for (const [index, count] of counts.entries()) {
    const upperSeconds = index === last ? Number.POSITIVE_INFINITY : 2 ** ((offset + index + 1) / 2 ** scale);
    while (bucket < boundsSeconds.length && upperSeconds > (boundsSeconds[bucket] as number)) bucket += 1;
    folded[bucket] = (folded[bucket] as number) + count;
  }
  return folded;
}
