import { existsSync, readFileSync, writeFileSync } from "node:fs";

export type Skip = { readonly name: string; readonly reason: string };

export type Tally = { readonly passed: number; readonly failed: number; readonly skips: readonly Skip[] };

export const emptyTally: Tally = { passed: 0, failed: 0, skips: [] };

export function sumOf(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (sum, tally) => ({
      passed: sum.passed + tally.passed,
      failed: sum.failed + tally.failed,
      skips: [...sum.skips, ...tally.skips],
    }),
    emptyTally,
  );
}

/** The last lines of a test run: each skip with its reason, then the one line of numbers. */
export function summaryOf(tally: Tally): string {
  const skipLines = tally.skips.map(({ name, reason }) => `skipped ${name}: ${reason}`);
  return [...skipLines, `${tally.passed} passed, ${tally.failed} failed, ${tally.skips.length} skipped`].join("\n");
}

/** Leaves the numbers for a later command of the same run, in the file that PINCHPOINT_TALLY names, if any. */
export function keepTally(tally: Tally): void {
  const file = process.env.PINCHPOINT_TALLY;
  if (file) writeFileSync(file, JSON.stringify(tally));
}

/** What an earlier command of the same run left. */
export function keptTally(): Tally {
  const file = process.env.PINCHPOINT_TALLY;
  const text = file && existsSync(file) ? readFileSync(file, "utf8") : "";
  return text === "" ? emptyTally : JSON.parse(text);
}
