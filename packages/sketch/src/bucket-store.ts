/** The most buckets that one sign of a histogram keeps, as in OpenTelemetry's SDK. */
export const MAX_BUCKETS = 160;

const FIRST_CAPACITY = 16;

/** Counts stop at 2^53 - 1 instead of losing exactness, so that adding them stays independent of order. */
export function addCounts(a: number, b: number): number {
  return Math.min(a + b, Number.MAX_SAFE_INTEGER);
}

/** Buckets `low` to `high` of a grid; a range is empty while `high < low`. */
export interface BucketRange {
  readonly low: number;
  readonly high: number;
}

/**
 * Counts of consecutive buckets, for values of one sign. A bucket lives in slot `index & (capacity - 1)`: the capacity
 * is a power of two no smaller than the span, so no two share a slot and nothing moves when the span grows downward.
 */
export class BucketStore implements BucketRange {
  low = 0;
  high = -1;
  #slots: Float64Array = new Float64Array(0);

  get isEmpty(): boolean {
    return this.high < this.low;
  }

  /** @param index - within [low, high] */
  countAt(index: number): number {
    return this.#slots[index & (this.#slots.length - 1)] as number;
  }

  /**
   * How often the scale must fall by one until this store can hold `range` too. It depends on the outermost buckets
   * only and not on the way there, which is what makes merging independent of order.
   */
  stepsToInclude(range: BucketRange): number {
    if (range.high < range.low) return 0;
    const low = this.isEmpty ? range.low : Math.min(range.low, this.low);
    const high = this.isEmpty ? range.high : Math.max(range.high, this.high);
    let steps = 0;
    while ((high >> steps) - (low >> steps) >= MAX_BUCKETS) steps += 1;
    return steps;
  }

  /** The caller has made sure that the span stays within MAX_BUCKETS; `times` is > 0. */
  add(index: number, times: number): void {
    if (this.isEmpty) {
      this.#cover(index, index);
    } else if (index < this.low || index > this.high) {
      this.#cover(Math.min(index, this.low), Math.max(index, this.high));
    }
    const slot = index & (this.#slots.length - 1);
    this.#slots[slot] = addCounts(this.#slots[slot] as number, times);
  }

  /** Adds the buckets of `other`, each 2^steps neighbours as one. */
  addFrom(other: BucketStore, steps: number): void {
    for (let index = other.low; index <= other.high; index += 1) {
      const times = other.countAt(index);
      if (times > 0) this.add(index >> steps, times);
    }
  }

  /** Joins each 2^steps neighbours into one. */
  coarsen(steps: number): void {
    const coarse = new BucketStore();
    coarse.addFrom(this, steps);
    this.low = coarse.low;
    this.high = coarse.high;
    this.#slots = coarse.#slots;
  }

  /** From `low` to `high`. */
  toCounts(): number[] {
    const counts: number[] = [];
    for (let index = this.low; index <= this.high; index += 1) counts.push(this.countAt(index));
    return counts;
  }

  #cover(low: number, high: number): void {
    let capacity = Math.max(this.#slots.length, FIRST_CAPACITY);
    while (capacity < high - low + 1) capacity *= 2;
    if (capacity > this.#slots.length) {
      const slots = new Float64Array(capacity);
      for (let index = this.low; index <= this.high; index += 1) slots[index & (capacity - 1)] = this.countAt(index);
      this.#slots = slots;
    }
    this.low = low;
    this.high = high;
  }
}
