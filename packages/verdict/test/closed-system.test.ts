import { expect, test } from "vitest";
import { slowdownByQueueing } from "../src/closed-system.ts";

test("units that share nothing do not slow each other down", () => {
  expect(slowdownByQueueing(4, 8, 0)).toBe(1);
});

test("two units that do nothing but share take twice as long as one", () => {
  expect(slowdownByQueueing(1, 2, 1)).toBe(2);
});

test("two units that share half of their time take a quarter longer than one", () => {
  // By hand: of one unit, half of the cycle is there; so the second finds half a unit, and takes 0.5 + 0.5 x 1.5.
  expect(slowdownByQueueing(1, 2, 0.5)).toBeCloseTo(1.25, 10);
});

test("no number of units brings more than what is shared can do", () => {
  for (const to of [2, 8, 64, 512]) expect(to / slowdownByQueueing(1, to, 0.4)).toBeLessThanOrEqual(1 / 0.4);
});
