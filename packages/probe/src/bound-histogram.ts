import { bucketOfMs } from "./duration-buckets.ts";

/**
 * Where one row's durations of one kind are counted: bound to its words once, when the row is opened, so that to record
 * is two additions. Written by one thread. The count is that of the buckets.
 */
export class BoundHistogram {
  readonly #words: Float64Array;
  #sumAt: number;
  #bucketsAt: number;

  /**
   * @param sumAt - the word of the sum, in milliseconds
   * @param bucketsAt - the first of DURATION_BUCKET_COUNT words
   */
  constructor(words: Float64Array, sumAt: number, bucketsAt: number) {
    this.#words = words;
    this.#sumAt = sumAt;
    this.#bucketsAt = bucketsAt;
  }

  /** From now on it counts elsewhere in the same memory: its row is given back. */
  moveTo(sumAt: number, bucketsAt: number): void {
    this.#sumAt = sumAt;
    this.#bucketsAt = bucketsAt;
  }

  /** Never throws. What is no duration (negative, NaN) counts as one of no length; an endless one adds nothing to the sum. */
  record(durationMs: number): void {
    const words = this.#words;
    if (durationMs > 0 && durationMs < Number.POSITIVE_INFINITY) {
      words[this.#sumAt] = (words[this.#sumAt] as number) + durationMs;
    }
    const at = this.#bucketsAt + bucketOfMs(durationMs);
    words[at] = (words[at] as number) + 1;
  }
}
