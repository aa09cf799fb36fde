import { performance } from "node:perf_hooks";
import { expect, test, vi } from "vitest";
import { type Clock, steadyClock, systemClock } from "../src/clock.ts";

/** Readings in the order in which the source gives them; "throws" where it fails. */
function check(given: readonly unknown[], expected: readonly number[], failures: number): void {
  for (const which of ["nowMs", "idleMs"] as const) {
    const left = [...given];
    const read = () => {
      const reading = left.shift();
      if (reading === "throws") throw new Error("no clock here");
      return reading as number;
    };
    let counted = 0;
    const source: Clock = { nowMs: () => 0, idleMs: () => 0, [which]: read };
    const clock = steadyClock(source, () => {
      counted += 1;
    });
    expect(given.map(() => clock[which]())).toEqual(expected);
    expect(counted).toBe(failures);
  }
}

test.each([
  ["a clock that goes on is passed through", [1, 1, 2.5], [1, 1, 2.5], 0],
  ["a clock that steps back stands still until it has caught up", [10, 4, 9, 11], [10, 10, 10, 11], 2],
  ["a clock that throws repeats its last reading", ["throws", 3, "throws", 5], [0, 3, 3, 5], 2],
  ["what is no time is refused", [2, Number.NaN, undefined, Number.POSITIVE_INFINITY, "9", 3], [2, 2, 2, 2, 2, 3], 4],
] as const)("%s", (_, given, expected, failures) => {
  check(given, expected, failures);
});

test("a clock that the application puts in the place of Node's is not read", () => {
  const clock = systemClock();
  const before = clock.nowMs();
  vi.spyOn(performance, "now").mockReturnValue(0);
  expect(clock.nowMs()).toBeGreaterThanOrEqual(before);
});

test("the system's clock is the process's own", async () => {
  const clock = systemClock();
  // So that the event loop waits.
  while (clock.idleMs() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const before = performance.now();
  const now = clock.nowMs();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(performance.now());
  const idle = clock.idleMs();
  expect(idle).toBeGreaterThan(0);
  expect(idle).toBeLessThanOrEqual(now);
});
