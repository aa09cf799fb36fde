import { bucketIndex } from "./exponential-index.ts";
import type { ExponentialBuckets } from "./signed-buckets.ts";
import { SketchError } from "./sketch-error.ts";

/**
 * What OpenTelemetry calls an exponential histogram data point; the shape is that of its JavaScript SDK.
 * `bucketCounts[i]` counts values in (base^(offset+i), base^(offset+i+1)], base = 2^(2^-scale).
 */
export interface ExponentialDataPoint {
  count: number;
  sum: number;
  scale: number;
  zeroCount: number;
  positive: ExponentialBuckets;
  /** By magnitude. */
  negative: ExponentialBuckets;
  min?: number;
  max?: number;
}

/** Counts on the grid that were kept outside of a histogram. A data point is one such; so is a view on a slab. */
export interface ExponentialCounts {
  /** A whole number from -10 to 6. */
  readonly scale: number;
  /** Any length; empty buckets at the ends cost nothing. */
  readonly positive?: { readonly offset: number; readonly bucketCounts: ArrayLike<number> };
  /** By magnitude. */
  readonly negative?: { readonly offset: number; readonly bucketCounts: ArrayLike<number> };
  readonly zeroCount?: number;
  readonly refused?: number;
  /** Finite; ignored, as min and max are, where nothing was counted. */
  readonly sum: number;
  /**
   * Left out or ±Infinity (what a running minimum starts at) where unknown: the outermost bucket's bound stands in, as
   * it does for a value beyond it, which one may see who reads while another thread records.
   */
  readonly min?: number;
  readonly max?: number;
}

/** @throws SketchError SKETCH_BAD_COUNTS that names the first field which no histogram can have */
export function checkCounts(counts: ExponentialCounts): void {
  checkCount("zeroCount", counts.zeroCount ?? 0);
  checkCount("refused", counts.refused ?? 0);
  for (const sign of ["positive", "negative"] as const) {
    const buckets = counts[sign];
    if (buckets === undefined) continue;
    if (!Number.isInteger(buckets.offset)) refuse(`${sign}.offset`, "a whole number", buckets.offset);
    const { lowest, highest } = gridOf(counts.scale);
    for (let at = 0; at < buckets.bucketCounts.length; at += 1) {
      const count = buckets.bucketCounts[at] as number;
      if (!isCount(count)) refuseCount(`${sign}.bucketCounts[${at}]`, count);
      if (count > 0 && (buckets.offset + at < lowest || buckets.offset + at > highest)) {
        refuse(`${sign}.offset`, `such that counted buckets hold doubles at scale ${counts.scale}`, buckets.offset);
      }
    }
  }
  if (!Number.isFinite(counts.sum)) refuse("sum", "finite", counts.sum);
  if (Number.isNaN(counts.min)) refuse("min", "a number, or left out where unknown", counts.min);
  if (Number.isNaN(counts.max)) refuse("max", "a number, or left out where unknown", counts.max);
  if (Number.isFinite(counts.min) && Number.isFinite(counts.max) && Number(counts.min) > Number(counts.max)) {
    refuse("min", `at most max (${counts.max})`, counts.min);
  }
}

/** Whether bucket `index` holds any positive double. */
export function isOnGrid(index: number, scale: number): boolean {
  const { lowest, highest } = gridOf(scale);
  return index >= lowest && index <= highest;
}

/** The outermost buckets that hold a positive double. */
function gridOf(scale: number): { readonly lowest: number; readonly highest: number } {
  return { lowest: bucketIndex(Number.MIN_VALUE, scale), highest: bucketIndex(Number.MAX_VALUE, scale) };
}

function checkCount(field: string, count: number): void {
  if (!isCount(count)) refuseCount(field, count);
}

function isCount(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 0;
}

function refuseCount(field: string, count: number): never {
  refuse(field, "a whole number from 0 to 2^53 - 1", count);
}

function refuse(field: string, expected: string, given: unknown): never {
  throw new SketchError("SKETCH_BAD_COUNTS", `${field} must be ${expected}, got ${String(given)}`);
}
