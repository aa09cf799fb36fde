/** A value that was measured in several rounds: their median, and between which two of them the middle half lies. */
export interface Spread {
  readonly typical: number;
  /** First quartile. */
  readonly low: number;
  /** Third quartile. */
  readonly high: number;
}

/**
 * @param values - one for each round, length >= 1, in any order
 * @throws RangeError if there is none, or one is not finite: a figure that is none would look like a good one
 */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0 || !values.every(Number.isFinite)) {
    throw new RangeError(`a spread needs finite values, got [${values.join(", ")}]`);
  }
  const sorted = values.toSorted((a, b) => a - b);
  return { typical: quantileOf(sorted, 0.5), low: quantileOf(sorted, 0.25), high: quantileOf(sorted, 0.75) };
}

/** By linear interpolation between the two nearest ranks (Hyndman and Fan 1996, type 7). */
function quantileOf(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  return below + (above - below) * (place - Math.floor(place));
}
