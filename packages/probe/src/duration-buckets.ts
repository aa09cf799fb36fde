import { bucketIndex } from "@pinchpoint/sketch/exponential-index";

/** Durations on the base-2 exponential grid at one scale: bucket i covers (2^((offset+i)/2^scale), the next boundary]. */
export interface DurationBuckets {
  readonly scale: number;
  /** Index of the first bucket on the grid. */
  readonly offset: number;
  /** length = the number of buckets; durations below the first are counted in it, above the last likewise. */
  readonly counts: Float64Array;
  readonly sumSeconds: number;
}

/** A duration read from its bucket is wrong by 4.4 % at most. */
const DURATION_SCALE = 3;
const BUCKETS_PER_OCTAVE = 2 ** DURATION_SCALE;
/** From about one microsecond (2^-20 s), below which a clock read dominates, to 17 minutes (2^10 s). */
const FIRST_OCTAVE = -20;
const OCTAVES = 30;
const OFFSET = FIRST_OCTAVE * BUCKETS_PER_OCTAVE;
export const DURATION_BUCKET_COUNT: number = OCTAVES * BUCKETS_PER_OCTAVE;

/** The grid that every recorder keeps its durations on. */
export const DURATION_GRID: { readonly scale: number; readonly offset: number; readonly buckets: number } = {
  scale: DURATION_SCALE,
  offset: OFFSET,
  buckets: DURATION_BUCKET_COUNT,
};

/** Position of a duration among the buckets; anything that is not above 0 goes to the first. */
export function bucketOfMs(durationMs: number): number {
  if (!(durationMs > 0)) return 0;
  const bucket = bucketIndex(durationMs / 1000, DURATION_SCALE) - OFFSET;
  return bucket < 0 ? 0 : bucket < DURATION_BUCKET_COUNT ? bucket : DURATION_BUCKET_COUNT - 1;
}

/** Counts as they lie in a row, with what they mean. */
export function durationBuckets(counts: Float64Array, sumSeconds: number): DurationBuckets {
  return { scale: DURATION_SCALE, offset: OFFSET, counts, sumSeconds };
}
