import { describe, expect, test } from "vitest";
import { judge } from "../src/judge.ts";
import type { Recording, StageSnapshot } from "../src/recording.ts";
import { type RecordingPlan, recordingOf, withRows } from "./recordings.ts";
import { type SimulatedStage, steady } from "./simulation.ts";

/** read -> work -> store in milliseconds; capital letters of `modes` are synchronous. */
function chain(times: readonly number[], modes: string): RecordingPlan {
  const names = ["read", "work", "store"];
  const stages = names.map((name, index): SimulatedStage => {
    const to = names[index + 1];
    const isSync = modes[index] === "S";
    return { name, seconds: steady((times[index] ?? 0) * 0.001), isSync, ...(to === undefined ? {} : { to: [to] }) };
  });
  return { stages };
}

const rows: readonly (readonly [string, RecordingPlan, string])[] = [
  ["source", chain([10, 3, 3], "aaa"), "source-limited source read"],
  ["stage", chain([3, 10, 3], "aaa"), "bottleneck workers work"],
  ["sink", chain([3, 3, 10], "aaa"), "bottleneck sink store"],
  ["loop", chain([1, 8, 1], "aSa"), "bottleneck event-loop work"],
];

function answer(recording: Recording): string {
  const verdict = judge(recording)[0];
  return `${verdict?.kind} ${verdict?.entity?.kind} ${verdict?.stage}`;
}

type Take = (row: StageSnapshot) => StageSnapshot;
const keep: Take = (row) => row;
const zeroed: Take = (row) => ({
  ...row,
  stateSeconds: row.stateSeconds.map((value, state) => (state === 0 || state === 4 ? 0 : value)),
  stateWorkers: row.stateWorkers.map((value, state) => (state === 0 || state === 4 ? 0 : value)),
});
/** What a recorder without `starved` and `blocked` would see: the wait for a neighbour looks like work. */
const folded: Take = (row) => {
  const [starved = 0, self = 0, wait = 0, use = 0, blocked = 0, unknown = 0] = row.stateSeconds;
  return { ...row, stateSeconds: [0, starved + self + blocked, wait, use, 0, unknown] };
};
const withoutLoop: Take = (row) => ({ ...row, loopHeldSeconds: 0, loopHeldSquared: 0, loopOverlapSeconds: 0 });

describe("each right answer is lost when its signal is taken away", () => {
  for (const [name, plan, right] of rows) {
    const recording = recordingOf(plan);
    test(`${name}: right with all signals`, () => {
      expect(answer(withRows(recording, keep))).toBe(right);
    });
    if (name === "loop") {
      test("loop: without the segments that stages held", () => {
        expect(answer(withRows(recording, withoutLoop))).not.toBe(right);
      });
    } else {
      test(`${name}: without starved and blocked`, () => {
        expect(answer(withRows(recording, zeroed))).toBe("unsure undefined null");
      });
      test(`${name}: with starved and blocked counted as work`, () => {
        expect(answer(withRows(recording, folded))).not.toBe(right);
      });
    }
  }
});

test("state time that is missing while its workers are there is a gap, and said so", () => {
  const gone = withRows(recordingOf(chain([3, 3, 10], "aaa")), (row) => ({
    ...row,
    stateSeconds: row.stateSeconds.map((value, state) => (state === 4 ? 0 : value)),
  }));
  expect(judge(gone)[0]?.missing.join()).toMatch(/states are known for only \d\d %/);
});

test("a stage that only waits for a full loop is accused once nobody knows who held the loop", () => {
  const plan = chain([1, 8, 1], "aSa");
  const { header, snapshots } = withRows(recordingOf(plan), withoutLoop);
  const unmeasured = snapshots.map((one) => ({
    ...one,
    threads: one.threads.map((row) => ({ ...row, loopActiveSeconds: null })),
  }));
  expect(answer({ header, snapshots: unmeasured })).not.toContain("event-loop");
});

test("without the run queue, a thread that lacks cores looks like one that is slow", () => {
  const { header, snapshots } = recordingOf({ ...chain([2, 10, 2], "SSS"), slowdown: 2 });
  expect(answer({ header, snapshots })).toBe("bottleneck cpu work");
  const blind = snapshots.map((one) => ({
    ...one,
    threads: one.threads.map((row) => ({ ...row, runQueueSeconds: null })),
  }));
  expect(answer({ header, snapshots: blind })).toBe("bottleneck event-loop work");
});
