/** What one thread did, by a tally of its own, and what was recorded of it. */
export interface Tally {
  /** Units that it began; it may have been terminated within the last one. */
  readonly begun: number;
  readonly ended: number;
  readonly recorded: number;
}

/** How many units are missing, or there twice, of all threads: what the one lacks, another's surplus does not make good. */
export function countsLost(tallies: readonly Tally[]): number {
  return tallies.reduce((sum, { begun, ended, recorded }) => sum + Math.max(0, ended - recorded, recorded - begun), 0);
}
