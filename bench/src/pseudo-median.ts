/** The typical one of some values that scatter, with its 95 % confidence interval. */
export interface PseudoMedian {
  readonly typical: number;
  readonly low: number;
  readonly high: number;
}

const NORMAL_975 = 1.959964;

/**
 * The pseudo-median, and the interval that Wilcoxon's signed-rank test gives it (Hodges and Lehmann 1963). Machines that
 * others share scatter with long tails, under which a mean needs several times the values.
 *
 * @param values - length >= 6, below which no such interval exists at 95 %
 * @throws RangeError if there are fewer
 */
export function pseudoMedian(values: readonly number[]): PseudoMedian {
  const n = values.length;
  if (n < 6) throw new RangeError(`an interval needs at least 6 pairs, got ${n}`);
  const averages = values
    .flatMap((one, at) => values.slice(at).map((other) => (one + other) / 2))
    .sort((a, b) => a - b);
  const middle = (averages.length - 1) / 2;
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
  const cut = Math.max(0, Math.floor(averages.length / 2 - NORMAL_975 * deviation));
  const at = (place: number) => averages[place] as number;
  return {
    typical: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    low: at(cut),
    high: at(averages.length - 1 - cut),
  };
}
