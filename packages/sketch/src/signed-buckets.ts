import { addCounts, type BucketRange, BucketStore } from "./bucket-store.ts";
import { bucketIndex, bucketUpperBound } from "./exponential-index.ts";

/** Consecutive buckets of one sign; for negative values by magnitude. */
export interface ExponentialBuckets {
  /** The index of the first bucket. */
  offset: number;
  bucketCounts: number[];
}

/** Counts of finite values on one exponential grid: a store for each sign, and the zeros between them. */
export class SignedBuckets {
  scale: number;
  count = 0;
  zeroCount = 0;
  readonly #positive: BucketStore = new BucketStore();
  readonly #negative: BucketStore = new BucketStore();

  constructor(scale: number) {
    this.scale = scale;
  }

  /** @param value - finite */
  add(value: number, times: number): void {
    this.count = addCounts(this.count, times);
    if (value === 0) {
      this.zeroCount = addCounts(this.zeroCount, times);
      return;
    }
    const store = value > 0 ? this.#positive : this.#negative;
    let index = bucketIndex(Math.abs(value), this.scale);
    if (store.isEmpty || index < store.low || index > store.high) {
      const steps = store.stepsToInclude({ low: index, high: index });
      this.coarsen(steps);
      index >>= steps;
    }
    store.add(index, times);
  }

  /** Adds counts of this grid's buckets from `offset` on; there may be more than this store can keep apart. */
  addBuckets(sign: 1 | -1, offset: number, bucketCounts: ArrayLike<number>): void {
    const store = sign > 0 ? this.#positive : this.#negative;
    const range = nonZeroRange(offset, bucketCounts);
    const steps = store.stepsToInclude(range);
    this.coarsen(steps);
    for (let index = range.low; index <= range.high; index += 1) {
      const times = bucketCounts[index - offset] as number;
      if (times === 0) continue;
      store.add(index >> steps, times);
      this.count = addCounts(this.count, times);
    }
  }

  mergeFrom(other: SignedBuckets): void {
    this.coarsen(Math.max(0, this.scale - other.scale));
    const shift = Math.max(0, other.scale - this.scale);
    const steps = Math.max(
      this.#positive.stepsToInclude(shiftedRange(other.#positive, shift)),
      this.#negative.stepsToInclude(shiftedRange(other.#negative, shift)),
    );
    this.coarsen(steps);
    this.#positive.addFrom(other.#positive, shift + steps);
    this.#negative.addFrom(other.#negative, shift + steps);
    this.zeroCount = addCounts(this.zeroCount, other.zeroCount);
    this.count = addCounts(this.count, other.count);
  }

  /** Lowers the scale by `steps`. */
  coarsen(steps: number): void {
    if (steps === 0) return;
    this.#positive.coarsen(steps);
    this.#negative.coarsen(steps);
    this.scale -= steps;
  }

  /**
   * The estimate for the value at `rank` in ascending order: the harmonic mean of its bucket's bounds, whose greatest
   * relative error is the least possible (Masson, Rim and Lee, "DDSketch", VLDB 2019).
   *
   * @param rank - from 1 to count
   */
  estimateAt(rank: number): number {
    let before = 0;
    for (let index = this.#negative.high; index >= this.#negative.low; index -= 1) {
      before += this.#negative.countAt(index);
      if (before >= rank) return -this.#middleOf(index);
    }
    before += this.zeroCount;
    if (before >= rank) return 0;
    let index = this.#positive.low;
    for (; index < this.#positive.high; index += 1) {
      before += this.#positive.countAt(index);
      if (before >= rank) break;
    }
    return this.#middleOf(index);
  }

  /** A bound that no counted value is below; needs at least one. */
  leastPossible(): number {
    if (!this.#negative.isEmpty) return -bucketUpperBound(this.#negative.high, this.scale);
    return this.zeroCount > 0 ? 0 : bucketUpperBound(this.#positive.low - 1, this.scale);
  }

  /** A bound that no counted value is above; needs at least one. */
  greatestPossible(): number {
    if (!this.#positive.isEmpty) return bucketUpperBound(this.#positive.high, this.scale);
    return this.zeroCount > 0 ? 0 : -bucketUpperBound(this.#negative.low - 1, this.scale);
  }

  toPositive(): ExponentialBuckets {
    return { offset: this.#positive.low, bucketCounts: this.#positive.toCounts() };
  }

  toNegative(): ExponentialBuckets {
    return { offset: this.#negative.low, bucketCounts: this.#negative.toCounts() };
  }

  #middleOf(index: number): number {
    // 2·l·u / (l + u) with u = base · l, written so that neither a huge base nor a huge bound overflows. It is
    // never rounded down to 0, which is a bucket of its own.
    const base = bucketUpperBound(0, this.scale);
    const upper = bucketUpperBound(index, this.scale);
    return Math.max(Number.MIN_VALUE, upper * (2 / (1 + base)));
  }
}

function shiftedRange(range: BucketRange, steps: number): BucketRange {
  return { low: range.low >> steps, high: range.high < range.low ? (range.low >> steps) - 1 : range.high >> steps };
}

function nonZeroRange(offset: number, bucketCounts: ArrayLike<number>): BucketRange {
  let first = 0;
  let last = bucketCounts.length - 1;
  while (first <= last && bucketCounts[first] === 0) first += 1;
  while (last >= first && bucketCounts[last] === 0) last -= 1;
  return { low: offset + first, high: offset + last };
}
