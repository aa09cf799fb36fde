import { expect, test } from "vitest";
import { pairedLoss } from "../../bench/src/paired-loss.ts";

/** Pairs in which `losses` (points) were lost of 1,000 a second. */
const pairsOf = (losses: readonly number[]) => losses.map((loss) => ({ without: 1000, with: 10 * (100 - loss) }));

test("the interval is that of the signed-rank test", () => {
  // For 10 pairs the two-sided 5 % critical value of Wilcoxon's table is 8: the interval runs from the ninth smallest
  // to the ninth largest of the pairwise averages.
  const { pairs, typicalPoints, lowPoints, highPoints } = pairedLoss(pairsOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
  expect(pairs).toBe(10);
  expect(typicalPoints).toBeCloseTo(5.5);
  expect(lowPoints).toBeCloseTo(3);
  expect(highPoints).toBeCloseTo(8);
});

test("one run that met a neighbour does not move it", () => {
  const quiet = pairedLoss(pairsOf([0, 1, 2, 1, 0, 1, 2, 1, 1, 1, 1, 1]));
  const disturbed = pairedLoss(pairsOf([0, 1, 2, 1, 0, 1, 2, 1, 1, 1, 1, 60]));
  expect(Math.abs(disturbed.typicalPoints - quiet.typicalPoints)).toBeLessThan(0.5);
});

test("a recorder that costs a tenth is not taken for one that is free", () => {
  const { lowPoints } = pairedLoss(pairsOf([9, 10, 11, 10, 9, 10, 11, 10]));
  expect(lowPoints).toBeGreaterThan(8);
});

test("too few pairs give no interval", () => {
  expect(() => pairedLoss(pairsOf([1, 2]))).toThrow("at least 6 pairs, got 2");
});
