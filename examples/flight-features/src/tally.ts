/** A count and a sum for each of a growing number of keys (airports, routes). Integers, so that nothing drifts. */
export class Tally {
  #counts = new Int32Array(512);
  #sums = new Int32Array(512);

  add(key: number, value: number): void {
    if (key >= this.#counts.length) this.#grow(key);
    this.#counts[key]! += 1;
    this.#sums[key]! += value;
  }

  remove(key: number, value: number): void {
    this.#counts[key]! -= 1;
    this.#sums[key]! -= value;
  }

  count(key: number): number {
    return this.#counts[key] ?? 0;
  }

  /** 0 where there is nothing to take the mean of. */
  mean(key: number): number {
    const count = this.count(key);
    return count === 0 ? 0 : this.#sums[key]! / count;
  }

  /** The mean as if `weight` more values of `prior` had been added: few values say little. */
  smoothedMean(key: number, prior: number, weight: number): number {
    return ((this.#sums[key] ?? 0) + prior * weight) / (this.count(key) + weight);
  }

  #grow(key: number): void {
    let length = this.#counts.length;
    while (length <= key) length *= 2;
    const counts = new Int32Array(length);
    const sums = new Int32Array(length);
    counts.set(this.#counts);
    sums.set(this.#sums);
    this.#counts = counts;
    this.#sums = sums;
  }
}
