import { expect, test } from "vitest";
import { enterWork, leaveWork, runAs, runningWork, type Work, worksGiven } from "../src/work.ts";

const WORK: Work = {
  stage: null,
  span: null,
  isWorking: true,
  outer: null,
  visit: () => 0,
  endVisit: () => false,
};

test("two copies of the probe in one thread know of each other's works, across awaits too", async () => {
  const path = "../src/work.ts?another-copy";
  const other = (await import(path)) as typeof import("../src/work.ts");
  expect(other.runningWork).not.toBe(runningWork);
  const before = other.enterWork(WORK);
  const given = worksGiven();
  expect(runningWork()).toBe(WORK);
  expect(other.worksGiven()).toBe(given + 1);
  leaveWork(before);
  expect(other.runningWork()).toBe(null);
  const within = await runAs(WORK, async () => {
    await null;
    return other.runningWork();
  });
  expect(within).toBe(WORK);
});

test("works that are entered within each other are left in their order", () => {
  const inner = { ...WORK };
  const outside = enterWork(WORK);
  const outer = enterWork(inner);
  expect(runningWork()).toBe(inner);
  leaveWork(outer);
  expect(runningWork()).toBe(WORK);
  leaveWork(outside);
  expect(runningWork()).toBe(null);
});
