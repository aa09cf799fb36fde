const SUBBUCKETS_LOG2 = 3;
const OCTAVES = 30;
const BUCKETS = OCTAVES << SUBBUCKETS_LOG2;
const COUNT_AT = BUCKETS;
const SUM_AT = BUCKETS + 1;
const LOWEST_EXPONENT = 1023 - 10;

/**
 * What somebody writes who knows just what it is for: log-linear buckets from 2^-10 to 2^20 ms, a count and a sum, in
 * shared memory, without any check. The floor that a histogram of ours is measured by.
 */
export class HandWrittenHistogram {
  readonly #words = new Float64Array(new SharedArrayBuffer((BUCKETS + 2) * 8));
  readonly #bits = new Float64Array(1);
  readonly #halves = new Uint32Array(this.#bits.buffer);

  record(durationMs: number): void {
    this.#bits[0] = durationMs;
    // Exponent and the first bits of the fraction lie next to each other: buckets are linear within an octave.
    const place = (this.#halves[1] as number) >>> (20 - SUBBUCKETS_LOG2);
    const bucket = place - (LOWEST_EXPONENT << SUBBUCKETS_LOG2);
    const at = bucket < 0 ? 0 : bucket < BUCKETS ? bucket : BUCKETS - 1;
    const words = this.#words;
    words[at] = (words[at] as number) + 1;
    words[COUNT_AT] = (words[COUNT_AT] as number) + 1;
    words[SUM_AT] = (words[SUM_AT] as number) + durationMs;
  }

  /** What the buckets hold in all. */
  get count(): number {
    return this.#words.subarray(0, BUCKETS).reduce((sum, count) => sum + count, 0);
  }
}
