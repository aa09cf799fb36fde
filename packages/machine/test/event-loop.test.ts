import { execFileSync } from "node:child_process";
import { performance } from "node:perf_hooks";
import { expect, test } from "vitest";
import { type DelayHistogram, LoopDelay, loopTimes } from "../src/event-loop.ts";

const MS = 1e6;

function histogram(samplesMs: readonly number[]): DelayHistogram & { isEnabled: boolean } {
  let sorted = samplesMs.map((ms) => ms * MS).sort((a, b) => a - b);
  return {
    isEnabled: false,
    get count() {
      return sorted.length;
    },
    get mean() {
      return sorted.reduce((sum, ns) => sum + ns, 0) / sorted.length;
    },
    get max() {
      return sorted.at(-1) ?? 0;
    },
    percentile: (percent) => sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.NaN,
    reset: () => {
      sorted = [];
    },
    enable() {
      this.isEnabled = true;
      return true;
    },
    disable() {
      this.isEnabled = false;
      return true;
    },
  };
}

test("the loop's times are told in seconds", () => {
  const source = { eventLoopUtilization: () => ({ active: 1500, idle: 250 }) };
  expect(loopTimes(source)).toEqual({ activeSeconds: 1.5, idleSeconds: 0.25 });
});

test("work of this thread makes its loop's active time grow", async () => {
  // A loop that has not turned yet has no times.
  await new Promise((resolve) => setImmediate(resolve));
  const before = loopTimes();
  const startMs = performance.now();
  while (performance.now() - startMs < 30);
  expect(loopTimes().activeSeconds - before.activeSeconds).toBeGreaterThanOrEqual(0.029);
});

test("the distance between samples is no delay", () => {
  const delay = new LoopDelay({ resolutionMs: 20, histogram: () => histogram([20, 20, 21, 120]) });
  const reading = delay.read();
  expect(reading?.samples).toBe(4);
  expect(reading?.meanSeconds).toBeCloseTo(0.02525, 12);
  expect(reading?.p50Seconds).toBe(0);
  expect(reading?.p99Seconds).toBeCloseTo(0.1, 12);
  expect(reading?.maxSeconds).toBeCloseTo(0.1, 12);
});

test("a timer that fires early is a delay of 0, not less", () => {
  const delay = new LoopDelay({ resolutionMs: 20, histogram: () => histogram([19, 19]) });
  expect(delay.read()).toEqual({ samples: 2, meanSeconds: 0, p50Seconds: 0, p99Seconds: 0, maxSeconds: 0 });
});

test("each reading begins anew, and one without samples is null", () => {
  const delay = new LoopDelay({ histogram: () => histogram([20]) });
  expect(delay.read()).not.toBeNull();
  expect(delay.read()).toBeNull();
  expect(new LoopDelay().read()).toBeNull();
});

test("sampling begins and ends when it is told to", () => {
  const source = histogram([]);
  const delay = new LoopDelay({ histogram: () => source });
  expect(source.isEnabled).toBe(false);
  delay.start();
  expect(source.isEnabled).toBe(true);
  delay.stop();
  expect(source.isEnabled).toBe(false);
});

test("a loop that is held reads a delay of about as long", async () => {
  const delay = new LoopDelay({ resolutionMs: 1 });
  delay.start();
  const turn = () => new Promise((resolve) => setTimeout(resolve, 2));
  let longestSeconds = 0;
  for (let turns = 0; turns < 10; turns++) {
    await turn();
    const startMs = performance.now();
    while (performance.now() - startMs < 50);
    await turn();
    longestSeconds = Math.max(longestSeconds, delay.read()?.maxSeconds ?? 0);
    if (longestSeconds > 0.04) break;
  }
  delay.stop();
  expect(longestSeconds).toBeGreaterThan(0.04);
});

test("sampling does not keep a process alive", () => {
  const module = new URL("../src/event-loop.ts", import.meta.url).href;
  const program = `import { LoopDelay } from ${JSON.stringify(module)}; globalThis.delay = new LoopDelay(); delay.start();`;
  const { NODE_OPTIONS: _, ...env } = process.env;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", `${program} console.log("ran");`], {
    encoding: "utf8",
    env,
    timeout: 20_000,
  });
  expect(output).toBe("ran\n");
});

test("a resolution that no timer has is refused", () => {
  for (const resolutionMs of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => new LoopDelay({ resolutionMs })).toThrow(`resolutionMs must be an integer >= 1, got ${resolutionMs}`);
  }
});
