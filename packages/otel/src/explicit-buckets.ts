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
 */
export class BucketFold {
  readonly boundsSeconds: readonly number[];
  /** Of the grid that came last; all recorders have the same one. */
  #grid: Omit<DurationBuckets, "counts" | "sumSeconds"> & { readonly targets: Uint16Array } = {
    scale: 0,
    offset: 0,
    targets: new Uint16Array(0),
  };

  /** @param boundsSeconds - inclusive upper bounds, ascending */
  constructor(boundsSeconds: readonly number[]) {
    this.boundsSeconds = boundsSeconds;
  }

  /**
   * @param folded - counts to add to: length = boundsSeconds.length + 1; last is overflow
   * @returns the sum of the counts; no finite number if one of them is none
   */
  addTo(folded: Float64Array, { scale, offset, counts }: DurationBuckets): number {
    const targets = this.#targets(scale, offset, counts.length);
    let total = 0;
    for (let bucket = 0; bucket < counts.length; bucket++) {
      const count = counts[bucket] as number;
      // Most buckets are empty.
      if (count === 0) continue;
      const target = targets[bucket] as number;
      folded[target] = (folded[target] as number) + count;
      total += count;
    }
    return total;
  }

  #targets(scale: number, offset: number, length: number): Uint16Array {
    const known = this.#grid;
    if (known.scale === scale && known.offset === offset && known.targets.length === length) return known.targets;
    const bounds = this.boundsSeconds;
    const targets = new Uint16Array(length);
    let target = 0;
    for (let bucket = 0; bucket < length; bucket++) {
      const upperSeconds = bucket === length - 1 ? Number.POSITIVE_INFINITY : 2 ** ((offset + bucket + 1) / 2 ** scale);
      while (target < bounds.length && upperSeconds > (bounds[target] as number)) target += 1;
      targets[bucket] = target;
    }
    this.#grid = { scale, offset, targets };
    return targets;
  }
}
