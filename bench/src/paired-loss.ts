import { pseudoMedian } from "./pseudo-median.ts";

/** Typical loss within pairs with its 95 % confidence interval; all in points (1 = one per cent). */
export interface PairedLoss {
  readonly pairs: number;
  readonly typicalPoints: number;
  readonly lowPoints: number;
  readonly highPoints: number;
}

/**
 * The pseudo-median of the losses of throughput within pairs, 100 · (1 - with / without).
 *
 * @param pairs - throughputs without and with what is measured, of runs that stood next to each other; length >= 6
 * @throws RangeError if there are fewer
 */
export function pairedLoss(pairs: readonly { readonly without: number; readonly with: number }[]): PairedLoss {
  const { typical, low, high } = pseudoMedian(pairs.map((pair) => 100 * (1 - pair.with / pair.without)));
  return { pairs: pairs.length, typicalPoints: typical, lowPoints: low, highPoints: high };
}
