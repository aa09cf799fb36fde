import { expect, test } from "vitest";
import { judge } from "../src/judge.ts";
import type { Recording } from "../src/recording.ts";
import { tooUncertain } from "../src/rules/unsure.ts";
import type { Verdict } from "../src/verdict.ts";
import { joined, type RecordingPlan, recordingOf } from "./recordings.ts";
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

test("a limit that comes and goes is less sure, and says how long it limited", () => {
  const slow = (work: number, store: number, seed: number): Recording =>
    recordingOf({
      stages: [
        { name: "read", seconds: exact(0.001), to: ["work"], buffer: 1 },
        { name: "work", seconds: exact(work), to: ["store"], buffer: 1 },
        { name: "store", seconds: exact(store), buffer: 1 },
      ],
      seconds: 2,
      everySeconds: 1,
      seed,
    });
  const parts = Array.from({ length: 12 }, (_, index) =>
    index % 5 < 3 ? slow(0.01, 0.003, index + 1) : slow(0.003, 0.01, index + 1),
  );
  const verdict = judge(parts.reduce(joined))[0] as Verdict;
  expect(verdict.entity).toEqual({ kind: "workers", name: "work" });
  expect(verdict.throughput?.limitedShare).toBeLessThan(0.8);
  const wins = Number(verdict.confidence.reasons[0]?.match(/first in (\d+) %/)?.[1]);
  expect(wins).toBeLessThan(100);
  expect(verdict.confidence.score).toBeLessThanOrEqual(wins / 100);
});

test("the parts must agree at least a little", () => {
  expect(tooUncertain(0.29)).toMatch(/disagree/);
  expect(tooUncertain(0.31)).toBeNull();
});

test("the same recording and seed give the same verdict", () => {
  const recording = recordingOf(plan(0.0085));
  expect(judge(recording, { seed: 7 })).toEqual(judge(recording, { seed: 7 }));
});
