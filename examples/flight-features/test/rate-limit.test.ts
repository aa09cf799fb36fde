import { expect, test } from "vitest";
import { RateLimit } from "../src/rate-limit.ts";

/** Books batches as a caller that sleeps for exactly as long as it is told and works `workMs` a batch. */
function rowsInOneSecond(limit: RateLimit, batchRows: number, workMs: number): number {
  let nowMs = 0;
  let rows = 0;
  while (nowMs < 1000) {
    nowMs += limit.book(batchRows, nowMs) + workMs;
    rows += batchRows;
  }
  return rows;
}

test("a caller that is quick enough gets the rate and not more", () => {
  const rows = rowsInOneSecond(new RateLimit(10_000), 100, 1);
  expect(rows).toBeGreaterThanOrEqual(10_000);
  // The burst of 100 ms, and the batch that ends the second.
  expect(rows).toBeLessThanOrEqual(11_200);
});

test("a caller that is slower than the limit never waits", () => {
  expect(rowsInOneSecond(new RateLimit(1_000_000), 100, 10)).toBe(10_000);
});

test("after a hold-up a caller catches up by 100 ms at most", () => {
  const limit = new RateLimit(1000);
  expect(limit.book(10, 0)).toBe(0);
  expect([0, 1, 2].map(() => limit.book(100, 60_000))).toEqual([0, 0, 100]);
});
