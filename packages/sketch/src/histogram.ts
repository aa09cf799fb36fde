import { addCounts } from "./bucket-store.ts";
import { ExactSum } from "./exact-sum.ts";
import { checkScale, relativeErrorAt } from "./exponential-index.ts";
import { checkCounts, type ExponentialCounts, type ExponentialDataPoint } from "./histogram-counts.ts";
import { decodeHistogram, encodeHistogram } from "./histogram-encoding.ts";
import type { Mergeable } from "./mergeable.ts";
import { SignedBuckets } from "./signed-buckets.ts";
import { SketchError } from "./sketch-error.ts";

/** The scale that a histogram starts at, and the finest it may have: estimates within 0.542 %. */
export const START_SCALE = 6;

export interface Quantile {
  /** In the unit of the recorded values. */
  readonly value: number;
  /** `value` is off by at most this share of the true value (in the range of subnormals: and half a MIN_VALUE). */
  readonly relativeError: number;
}

/**
 * A distribution on OpenTelemetry's base-2 exponential grid. It starts at a fine scale and lowers it by itself whenever
 * the values of one sign would need more than 160 buckets, so memory is bounded and an estimate's error is known at
 * any time. All merge laws hold bit for bit, the sum included.
 *
 * What it does with unusual values: NaN and ±Infinity are counted in `refused` and not recorded; -0 is 0; subnormal and
 * huge values are recorded like any other. Counts stop at 2^53 - 1, and quantiles with them.
 */
export class ExponentialHistogram implements Mergeable<ExponentialHistogram> {
  #buckets: SignedBuckets;
  #sum: ExactSum = new ExactSum();
  #refused = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  /**
   * @param startScale - a whole number from -10 to 6; the histogram is never finer than this
   * @throws SketchError SKETCH_BAD_SCALE
   */
  constructor(startScale: number = START_SCALE) {
    checkScale(startScale, START_SCALE);
    this.#buckets = new SignedBuckets(startScale);
  }

  /**
   * A histogram of counts that were kept elsewhere on the same grid, for example in shared memory.
   *
   * @throws SketchError SKETCH_BAD_SCALE, SKETCH_BAD_COUNTS
   */
  static fromCounts(counts: ExponentialCounts): ExponentialHistogram {
    const histogram = new ExponentialHistogram(counts.scale);
    checkCounts(counts);
    const buckets = histogram.#buckets;
    histogram.#refused = counts.refused ?? 0;
    buckets.add(0, counts.zeroCount ?? 0);
    if (counts.positive) buckets.addBuckets(1, counts.positive.offset, counts.positive.bucketCounts);
    if (counts.negative) buckets.addBuckets(-1, counts.negative.offset, counts.negative.bucketCounts);
    if (buckets.count === 0) return histogram;
    histogram.#sum.add(counts.sum, 1);
    const least = buckets.leastPossible();
    const greatest = buckets.greatestPossible();
    const min = Number.isFinite(counts.min) ? Number(counts.min) : least;
    const max = Number.isFinite(counts.max) ? Number(counts.max) : greatest;
    histogram.#min = Math.max(least, Math.min(min, greatest)) + 0;
    histogram.#max = Math.max(least, Math.min(max, greatest)) + 0;
    return histogram;
  }

  /**
   * @throws SketchError SKETCH_FOREIGN_BYTES, SKETCH_NEWER_BYTES, SKETCH_TRUNCATED_BYTES or SKETCH_DAMAGED_BYTES, and
   * nothing else, whatever the bytes
   */
  static decode(bytes: Uint8Array): ExponentialHistogram {
    const state = decodeHistogram(bytes, START_SCALE);
    const histogram = new ExponentialHistogram(state.scale);
    histogram.#refused = state.refused;
    histogram.#buckets.add(0, state.zeroCount);
    histogram.#buckets.addBuckets(1, state.positive.offset, state.positive.bucketCounts);
    histogram.#buckets.addBuckets(-1, state.negative.offset, state.negative.bucketCounts);
    histogram.#sum = ExactSum.fromUnits(state.sumUnits);
    histogram.#min = state.min;
    histogram.#max = state.max;
    return histogram;
  }

  /** Recorded values, refused ones not among them. */
  get count(): number {
    return this.#buckets.count;
  }

  /** Values that have no place on the grid (NaN, ±Infinity), and calls with an impossible `times`. */
  get refused(): number {
    return this.#refused;
  }

  get zeroCount(): number {
    return this.#buckets.zeroCount;
  }

  /** The present scale: the start scale or less. */
  get scale(): number {
    return this.#buckets.scale;
  }

  /** The double nearest to the exact sum; ±Infinity only where the sum itself is beyond every double. */
  get sum(): number {
    return this.#sum.value;
  }

  /** Exact, but for fromCounts where it was not known; null while nothing was recorded. */
  get min(): number | null {
    return this.count === 0 ? null : this.#min;
  }

  /** Exact, but for fromCounts where it was not known; null while nothing was recorded. */
  get max(): number | null {
    return this.count === 0 ? null : this.#max;
  }

  /** How far a quantile can be off at the present scale, as a share of the true value. */
  get relativeError(): number {
    return relativeErrorAt(this.scale);
  }

  get isEmpty(): boolean {
    return this.count === 0 && this.#refused === 0;
  }

  /**
   * Never throws: NaN and ±Infinity add `times` to `refused`, an impossible `times` adds 1.
   *
   * @param times - how often the value occurred, a safe whole number; 0 records nothing
   */
  record(value: number, times: number = 1): void {
    if (!Number.isSafeInteger(times) || times < 0) {
      this.#refused = addCounts(this.#refused, 1);
      return;
    }
    if (times === 0) return;
    if (!Number.isFinite(value)) {
      this.#refused = addCounts(this.#refused, times);
      return;
    }
    this.#buckets.add(value, times);
    this.#sum.add(value, times);
    // `+ 0` turns -0 into 0; otherwise the sign of a minimum of 0 would depend on the order of merging.
    if (value < this.#min) this.#min = value + 0;
    if (value > this.#max) this.#max = value + 0;
  }

  /** Takes the coarser of the two scales, also when `other` is empty: it claims no more precision than either has. */
  mergeFrom(other: ExponentialHistogram): void {
    this.#buckets.mergeFrom(other.#buckets);
    this.#sum.mergeFrom(other.#sum);
    this.#refused = addCounts(this.#refused, other.#refused);
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  copy(): ExponentialHistogram {
    const copy = new ExponentialHistogram(this.scale);
    copy.mergeFrom(this);
    return copy;
  }

  /**
   * Joins buckets until the scale is `scale`; a histogram that is as coarse already stays as it is.
   *
   * @throws SketchError SKETCH_BAD_SCALE
   */
  downscaleTo(scale: number): void {
    checkScale(scale, START_SCALE);
    this.#buckets.coarsen(Math.max(0, this.scale - scale));
  }

  /**
   * An estimate of the value at rank max(1, ceil(q · count)) in ascending order; null while nothing was recorded. It
   * lies within [min, max]. Also at q = 0 and q = 1 it is an estimate: `min` and `max` are the exact ends.
   *
   * @param q - from 0 to 1
   * @throws SketchError SKETCH_BAD_QUANTILE
   */
  quantile(q: number): Quantile | null {
    if (!(q >= 0 && q <= 1)) {
      throw new SketchError("SKETCH_BAD_QUANTILE", `q must be a number from 0 to 1, got ${String(q)}`);
    }
    if (this.count === 0) return null;
    const estimate = this.#buckets.estimateAt(Math.max(1, Math.ceil(q * this.count)));
    if (estimate === 0) return { value: 0, relativeError: 0 };
    // The true value lies within [min, max], so moving the estimate there only brings it nearer.
    return { value: Math.min(this.#max, Math.max(this.#min, estimate)), relativeError: this.relativeError };
  }

  /** For OpenTelemetry and for fromCounts; min and max are left out while nothing was recorded. */
  toDataPoint(): ExponentialDataPoint {
    const point: ExponentialDataPoint = {
      count: this.count,
      sum: this.sum,
      scale: this.scale,
      zeroCount: this.zeroCount,
      positive: this.#buckets.toPositive(),
      negative: this.#buckets.toNegative(),
    };
    return this.count === 0 ? point : { ...point, min: this.#min, max: this.#max };
  }

  /** One sequence of bytes for each content: two histograms are equal exactly when their bytes are. */
  encode(): Uint8Array {
    return encodeHistogram({
      scale: this.scale,
      refused: this.#refused,
      zeroCount: this.zeroCount,
      positive: this.#buckets.toPositive(),
      negative: this.#buckets.toNegative(),
      sumUnits: this.#sum.units,
      min: this.#min,
      max: this.#max,
    });
  }
}
