/** Typical loss within pairs with its 95 % confidence interval; all in points (1 = one per cent). */
export interface PairedLoss {
  readonly pairs: number;
  readonly typicalPoints: number;
  readonly lowPoints: number;
  readonly highPoints: number;
}

const NORMAL_975 = 1.959964;

/**
 * The pseudo-median of the losses of throughput within pairs, 100 · (1 - with / without), and the interval that
 * Wilcoxon's signed-rank test gives it (Hodges and Lehmann 1963). Machines that others share scatter with long tails,
 * under which a mean needs several times the pairs.
 *
 * @param pairs - throughputs without and with what is measured, of runs that stood next to each other; length >= 6,
 *   below which no such interval exists at 95 %
 * @throws RangeError if there are fewer
 */
export function pairedLoss(pairs: readonly { readonly without: number; readonly with: number }[]): PairedLoss {
  const n = pairs.length;
  if (n < 6) throw new RangeError(`an interval needs at least 6 pairs, got ${n}`);
  const losses = pairs.map((pair) => 100 * (1 - pair.with / pair.without));
  const averages = losses
    .flatMap((one, at) => losses.slice(at).map((other) => (one + other) / 2))
    .sort((a, b) => a - b);
  const middle = (averages.length - 1) / 2;
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
  const cut = Math.max(0, Math.floor(averages.length / 2 - NORMAL_975 * deviation));
  const at = (place: number) => averages[place] as number;
  return {
    pairs: n,
    typicalPoints: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    lowPoints: at(cut),
    highPoints: at(averages.length - 1 - cut),
  };
}
