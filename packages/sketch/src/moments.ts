import { addCounts } from "./bucket-store.ts";
import type { Mergeable } from "./mergeable.ts";

/**
 * The greatest magnitude that Moments takes: the squares of as many values as can be counted still sum to less than the
 * greatest double, so that nothing ever turns into Infinity or NaN.
 */
export const GREATEST_MOMENT_VALUE: number = 2 ** 480;

/**
 * Count, mean, variance, minimum and maximum in constant space: Welford (1962) for one value, Chan, Golub and LeVeque
 * (1979) for a merge; a running sum of squares would cancel badly for long, steady series.
 *
 * Count, minimum, maximum and `refused` obey the merge laws bit for bit; mean and variance up to the rounding of
 * doubles (the mean within a few units of the last place of the greatest magnitude per value, the variance likewise).
 * NaN, ±Infinity and magnitudes above GREATEST_MOMENT_VALUE are not recorded but counted in `refused`; -0 is 0.
 */
export class Moments implements Mergeable<Moments> {
  #count = 0;
  #refused = 0;
  #mean = 0;
  #squaredDeviations = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  /** Recorded values, refused ones not among them. */
  get count(): number {
    return this.#count;
  }

  get refused(): number {
    return this.#refused;
  }

  /** null while nothing was recorded. */
  get mean(): number | null {
    return this.#count === 0 ? null : this.#mean;
  }

  /** The sum of squared deviations from the mean ("M2"), in the square of the unit; 0 while nothing was recorded. */
  get squaredDeviations(): number {
    return this.#squaredDeviations;
  }

  /** The unbiased sample variance, M2 / (count - 1), in the square of the unit; null below two values. */
  get variance(): number | null {
    return this.#count < 2 ? null : this.#squaredDeviations / (this.#count - 1);
  }

  /** null while nothing was recorded. */
  get min(): number | null {
    return this.#count === 0 ? null : this.#min;
  }

  /** null while nothing was recorded. */
  get max(): number | null {
    return this.#count === 0 ? null : this.#max;
  }

  get isEmpty(): boolean {
    return this.#count === 0 && this.#refused === 0;
  }

  /**
   * Never throws: values without a place here add `times` to `refused`, an impossible `times` adds 1.
   *
   * @param times - how often the value occurred, a safe whole number; 0 records nothing
   */
  record(value: number, times: number = 1): void {
    if (!Number.isSafeInteger(times) || times < 0) {
      this.#refused = addCounts(this.#refused, 1);
      return;
    }
    if (times === 0) return;
    if (!(Math.abs(value) <= GREATEST_MOMENT_VALUE)) {
      this.#refused = addCounts(this.#refused, times);
      return;
    }
    this.#join(times, value, 0);
    if (value < this.#min) this.#min = value + 0;
    if (value > this.#max) this.#max = value + 0;
  }

  mergeFrom(other: Moments): void {
    this.#refused = addCounts(this.#refused, other.#refused);
    if (other.#count === 0) return;
    this.#join(other.#count, other.#mean, other.#squaredDeviations);
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  copy(): Moments {
    const copy = new Moments();
    copy.mergeFrom(this);
    return copy;
  }

  #join(count: number, mean: number, squaredDeviations: number): void {
    const total = addCounts(this.#count, count);
    const delta = mean - this.#mean;
    const share = count / total;
    this.#mean += delta * share;
    this.#squaredDeviations += squaredDeviations + delta * delta * share * this.#count;
    this.#count = total;
  }
}
