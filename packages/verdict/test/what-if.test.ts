import { expect, test } from "vitest";
import { judge } from "../src/judge.ts";
import type { Action, Verdict } from "../src/verdict.ts";
import { type RecordingPlan, recordingOf } from "./recordings.ts";
import { exact, type SimulatedStage } from "./simulation.ts";

function actionsOf(times: readonly number[], modes: string, more: Partial<RecordingPlan> = {}): readonly Action[] {
  const names = ["read", "work", "store"];
  const stages = names.map((name, index): SimulatedStage => {
    const to = names[index + 1];
    const isSync = modes[index] === "S";
    return { name, seconds: exact((times[index] ?? 0) * 0.001), isSync, ...(to === undefined ? {} : { to: [to] }) };
  });
  return (judge(recordingOf({ stages, ...more }))[0] as Verdict).actions;
}

function check(action: Action | undefined, change: RegExp, perSecond: number, next: string | null): void {
  expect(action?.change).toMatch(change);
  expect((action?.predictedThroughput ?? 0) / perSecond).toBeCloseTo(1, 1.3);
  expect(action?.nextLimiter?.name ?? null).toBe(next);
  expect(action?.low).toBeLessThan(perSecond);
  expect(action?.high).toBeGreaterThan(perSecond);
}

test("half the time of the limit doubles the rate while the next has room", () => {
  check(actionsOf([2, 10, 3], "aaa")[0], /halve work's time/, 200, "work");
});

test("the next limit caps the gain, and is named", () => {
  check(actionsOf([2, 10, 7], "aaa")[0], /halve work's time/, 1000 / 7, "store");
});

test("what waits for the loop goes on waiting where nothing is taken from the loop", () => {
  check(actionsOf([6, 10, 8], "Saa")[0], /halve work's time/, 125, "store");
  check(actionsOf([6, 10, 8], "Saa")[1], /^work workers 1 -> 2/, 125, "store");
});

test("another worker of an asynchronous stage helps until the event loop is full", () => {
  check(actionsOf([4, 10, 4], "SaS")[1], /^work workers 1 -> 2/, 125, "main");
});

test("more workers of a synchronous stage on a full loop bring nothing, and the verdict says so", () => {
  const actions = actionsOf([1, 8, 1], "SSS");
  check(
    actions.find((action) => action.change.startsWith("more work workers")),
    /on this thread/,
    100,
    "main",
  );
});

test("a thread of its own frees the loop of a stage's time", () => {
  check(actionsOf([3, 4, 3], "SSS")[1], /move work to a worker thread/, 1000 / 6, "main");
});

test("more workers cannot beat the cores", () => {
  // Native threads use 1.5 of 2 cores: a third more is all that there is.
  const actions = actionsOf([1, 1, 10], "aaa", { cores: 2, native: { cpu: 1.5, runQueue: 0 } });
  check(actions[1], /store workers 1 -> 2/, 133, "cpu");
});
