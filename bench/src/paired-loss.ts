/** Mean of paired losses with its 95 % confidence interval; all in points (1 = one per cent). */
export interface PairedLoss {
  readonly pairs: number;
  readonly meanPoints: number;
  readonly lowPoints: number;
  readonly highPoints: number;
}

/**
 * Student's interval for the mean loss of throughput within pairs: 100 · (1 - with / without).
 *
 * @param pairs - throughputs without and with what is measured, of runs that stood next to each other; length >= 2
 * @throws RangeError if there are fewer than two pairs
 */
export function pairedLoss(pairs: readonly { readonly without: number; readonly with: number }[]): PairedLoss {
  if (pairs.length < 2) throw new RangeError(`an interval needs at least 2 pairs, got ${pairs.length}`);
  const losses = pairs.map((pair) => 100 * (1 - pair.with / pair.without));
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const variance = losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / (losses.length - 1);
  const half = studentQuantile975(losses.length - 1) * Math.sqrt(variance / losses.length);
  return { pairs: pairs.length, meanPoints: mean, lowPoints: mean - half, highPoints: mean + half };
}

const EXACT_975 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
const NORMAL_975 = 1.959964;

/** The 97.5 % quantile of Student's t: a table to 10 degrees of freedom, then Cornish and Fisher's expansion. */
export function studentQuantile975(degreesOfFreedom: number): number {
  const exact = EXACT_975[degreesOfFreedom - 1];
  if (exact !== undefined) return exact;
  const z = NORMAL_975;
  const first = (z ** 3 + z) / (4 * degreesOfFreedom);
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degreesOfFreedom ** 2);
  return z + first + second;
}
