import { expect, test } from "vitest";
import { judge } from "../src/judge.ts";
import type { Verdict } from "../src/verdict.ts";
import { type RecordingPlan, recordingOf } from "./recordings.ts";
import { exact } from "./simulation.ts";

const plan = (sinkSeconds: number, more: Partial<RecordingPlan> = {}): RecordingPlan => ({
  stages: [
    { name: "read", seconds: exact(0.008), to: ["store"] },
    { name: "store", seconds: exact(sinkSeconds) },
  ],
  ...more,
});

const verdictOf = (one: RecordingPlan): Verdict => judge(recordingOf(one))[0] as Verdict;

test("a clear lead over many sub-windows gives a high confidence, with reasons", () => {
  const { confidence } = verdictOf(plan(0.02));
  expect(confidence.level).toBe("high");
  expect(confidence.reasons[0]).toMatch(/first in 100 % of 200 resampled runs/);
});

test("a narrow lead gives less", () => {
  expect(verdictOf(plan(0.0089)).confidence.score).toBeLessThan(verdictOf(plan(0.02)).confidence.score);
});

test("few sub-windows cannot give more than medium, one cannot give more than low", () => {
  const levels = [20, 4, 1].map((steps) => {
    const { confidence } = verdictOf(plan(0.02, { everySeconds: 20 / steps }));
    return confidence.level;
  });
  expect(levels).toEqual(["high", "medium", "low"]);
});

test("the same recording and seed give the same verdict", () => {
  const recording = recordingOf(plan(0.0085));
  expect(judge(recording, { seed: 7 })).toEqual(judge(recording, { seed: 7 }));
});
