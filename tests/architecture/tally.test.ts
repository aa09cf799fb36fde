import { expect, test } from "vitest";
import { emptyTally, summaryOf, sumOf } from "../../scripts/tally.ts";

test("the last line has the numbers, and each skip stands before it with its reason", () => {
  const skips = [{ name: "pressure > reads memory pressure", reason: "the kernel has no PSI" }];
  const lines = summaryOf({ passed: 12, failed: 1, skips }).split("\n");
  expect(lines).toEqual([
    "skipped pressure > reads memory pressure: the kernel has no PSI",
    "12 passed, 1 failed, 1 skipped",
  ]);
});

test("a run of nothing has three zeros", () => {
  expect(summaryOf(emptyTally)).toBe("0 passed, 0 failed, 0 skipped");
});

test("a sum keeps every count and every skip", () => {
  const one = { passed: 3, failed: 0, skips: [{ name: "a", reason: "b" }] };
  const other = { passed: 4, failed: 2, skips: [{ name: "c", reason: "d" }] };
  expect(sumOf([one, emptyTally, other])).toEqual({ passed: 7, failed: 2, skips: [...one.skips, ...other.skips] });
});
