import { expect, test } from "vitest";
import { bucketOfMs } from "../src/duration-buckets.ts";
import type { Recorder } from "../src/recorder.ts";
import type { StageRecorder } from "../src/stage.ts";
import { BLOCKED, SELF, STARVED } from "../src/state-clock.ts";
import { HandClock, mainRecorder, stageRow, timesMs, workersNow } from "./hand-clock.ts";

function recorded(act: (stage: StageRecorder, clock: HandClock, recorder: Recorder) => void) {
  const clock = new HandClock();
  const recorder = mainRecorder(clock);
  const stage = recorder.openStage({ pipeline: "p", name: "score", role: "stage" }) as StageRecorder;
  act(stage, clock, recorder);
  return stageRow(recorder.snapshot(), "score");
}

test("a worker's way through the states is in the snapshot, with where it is now", () => {
  const row = recorded((stage, clock) => {
    stage.enter(STARVED, stage.nowMs());
    clock.idle(10);
    stage.move(STARVED, SELF, stage.nowMs());
    clock.work(20);
    stage.move(SELF, BLOCKED, stage.nowMs());
    clock.idle(5);
    stage.move(BLOCKED, BLOCKED, stage.nowMs());
    expect(stage.workers(BLOCKED)).toBe(1);
  });
  expect(timesMs(row)).toEqual({ starved: 10, self: 20, blocked: 5 });
  expect(workersNow(row)).toEqual({ blocked: 1 });
});

test("hand-overs are counted with their items, their outcome and their duration", () => {
  const row = recorded((stage) => {
    stage.arrived(30);
    stage.finished(10, 250);
    stage.emitted(7);
    stage.finished(12, 250);
    stage.failed(5);
    stage.dropped(3);
  });
  expect(row).toMatchObject({ units: 3, arrived: 30, items: 22, errors: 5, dropped: 3, emitted: 7 });
  expect(row.duration.counts[bucketOfMs(250)]).toBe(2);
  expect(row.duration.counts.reduce((sum, count) => sum + count)).toBe(2);
  expect(row.duration.sumSeconds).toBe(0.5);
});

test("a hand-over of no items is a hand-over", () => {
  expect(recorded((stage) => stage.finished(0, 1))).toMatchObject({ units: 1, items: 0 });
});

test("a duration that is no number does not spoil the sum of the others", () => {
  const row = recorded((stage) => {
    stage.finished(1, Number.NaN);
    stage.finished(1, -1);
    stage.finished(1, 2000);
  });
  expect(row.units).toBe(3);
  expect(row.duration.sumSeconds).toBe(2);
});

test("the loop is held by segments, by what follows an await in self, and by no other state", () => {
  const row = recorded((stage, clock, recorder) => {
    const other = recorder.openStage({ pipeline: "p", name: "other", role: "stage" }) as StageRecorder;
    stage.enter(SELF, stage.nowMs());
    const outside = stage.hold(stage.nowMs());
    clock.work(3);
    stage.release(outside, stage.nowMs());
    clock.idle(100);
    clock.work(1);
    const outsideOther = other.hold(other.nowMs());
    clock.work(2);
    other.release(outsideOther, other.nowMs());
    stage.move(SELF, BLOCKED, stage.nowMs());
    clock.work(50);
    stage.move(BLOCKED, SELF, stage.nowMs());
    clock.work(5);
    stage.move(SELF, SELF, stage.nowMs());
    clock.work(1);
    stage.leave(SELF, stage.nowMs());
  });
  expect(row.loopHeldSeconds).toBeCloseTo(0.003 + 0.001 + 0.006, 12);
  expect(row.loopHeldSquared).toBeCloseTo((9 + 1 + 36) / 1e6, 12);
  expect(row.loopOverlapSeconds).toBeCloseTo(0.002, 12);
});

test("a listener hears of the moments at which the loop is released that it wants to hear of; the last one counts, and its errors are ours", () => {
  const heard: string[] = [];
  recorded((stage, clock, recorder) => {
    const segment = () => {
      const outside = stage.hold(stage.nowMs());
      clock.work(4);
      stage.release(outside, stage.nowMs());
    };
    recorder.onMoment((atMs) => {
      heard.push(`first ${atMs}`);
      return atMs + 8;
    });
    segment();
    segment();
    segment();
    recorder.onMoment((atMs) => {
      heard.push(`second ${atMs}`);
      throw new Error("the disk is full");
    });
    segment();
    expect(recorder.snapshot().losses).toEqual({ "hand-over": 1 });
  });
  expect(heard).toEqual(["first 4", "first 12", "second 16"]);
});
