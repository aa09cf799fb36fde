import { expect, test } from "vitest";
import type { PaceOptions } from "../src/pace.ts";
import { openPipeline } from "../src/pipeline.ts";
import { Recorder } from "../src/recorder.ts";
import type { StageRow } from "../src/snapshot.ts";
import type { StageRecorder } from "../src/stage.ts";
import { SELF, STARVED } from "../src/state-clock.ts";
import { fixedRandom, HandClock, stageRow, timesMs, total } from "./hand-clock.ts";

/** A thread whose clock tells how often it is read, and whose turns of the event loop end when the test says so. */
class Thread {
  readonly clock = new HandClock();
  readonly recorder: Recorder;
  clockReads = 0;
  readonly #ends: (() => void)[] = [];

  constructor(pace: PaceOptions = {}) {
    const { clock } = this;
    const nowMs = () => {
      this.clockReads += 1;
      return clock.nowMs();
    };
    const atTurnEnd = (act: () => void) => void this.#ends.push(act);
    const options = { random: fixedRandom(11), atTurnEnd, ...pace };
    const identity = { name: "main", osThreadId: null, workerId: 0 };
    this.recorder = Recorder.forProcess({ nowMs, idleMs: clock.idleMs }, identity, options);
  }

  stage(name: string): StageRecorder {
    const stage = this.recorder.openStage({ pipeline: "p", name, role: "stage" }) as StageRecorder;
    stage.joins(STARVED, stage.nowMs());
    return stage;
  }

  /** One item of a stage, as the wrappers record it that are done when their method returns. */
  item(stage: StageRecorder, workMs: number): void {
    stage.arrived(1);
    if (stage.isUntimed()) {
      this.clock.work(workMs);
      stage.passed(1);
      return;
    }
    this.watched(stage, workMs);
  }

  /** One item of a stage, as everybody else records it. */
  watched(stage: StageRecorder, workMs: number): void {
    const startMs = stage.nowMs();
    const from = stage.timedFrom(startMs);
    stage.move(STARVED, SELF, startMs);
    const previous = stage.hold(startMs);
    this.clock.work(workMs);
    const endMs = stage.nowMs();
    stage.finished(1, endMs - from);
    stage.move(SELF, STARVED, endMs);
    stage.release(previous, endMs);
  }

  /** The event loop has nothing to do for a while. */
  idle(ms: number): void {
    for (const act of this.#ends.splice(0)) act();
    this.clock.idle(ms);
  }

  row(name: string): StageRow {
    return stageRow(this.recorder.snapshot(), name);
  }
}

const selfMs = (row: StageRow): number => timesMs(row).self ?? 0;

/** How far off a figure is, relative to the truth. */
function error(told: number, truth: number): number {
  return Math.abs(told - truth) / truth;
}

test("a stage that has as many units as are to be timed has each of them timed", () => {
  const thread = new Thread({ timedPerSecond: 1000 });
  const stage = thread.stage("score");
  for (let item = 0; item < 20_000; item++) thread.item(stage, 1);
  const row = thread.row("score");
  expect(row).toMatchObject({ units: 20_000, untimed: 0 });
  expect(total(row.duration.counts)).toBe(20_000);
  expect(timesMs(row)).toEqual({ self: 20_000 });
});

test("a stage that hurries now and then is timed as long as it has not too many units in a second", () => {
  const thread = new Thread({ timedPerSecond: 1000 });
  const stage = thread.stage("score");
  for (let second = 0; second < 20; second++) {
    for (let item = 0; item < 700; item++) thread.item(stage, 0.01);
    thread.idle(993);
  }
  expect(thread.row("score")).toMatchObject({ units: 14_000, untimed: 0 });
});

/** Three fast stages, one item after the other through all of them, with waits for more; `fall` is a habit to fall into step with. */
function threeStages(itemsOfTurn: number, idleMs: number, watched: boolean, habit: number) {
  const thread = new Thread({ timedPerSecond: 2000 });
  const costs = { read: 0.001, parse: 0.003, score: 0.006 };
  const stages = Object.keys(costs).map((name) => thread.stage(name));
  const truthMs = { read: 0, parse: 0, score: 0 };
  const random = fixedRandom(5);
  const one = watched ? thread.watched.bind(thread) : thread.item.bind(thread);
  const ITEMS = 400_000;
  for (let done = 0; done < ITEMS; ) {
    const batch = Math.min(itemsOfTurn, ITEMS - done);
    for (let left = batch; left > 0; left -= habit) {
      for (const [index, name] of (Object.keys(costs) as (keyof typeof costs)[]).entries()) {
        for (let item = 0; item < Math.min(habit, left); item++) {
          const workMs = costs[name] * 2 * random();
          truthMs[name] += workMs;
          one(stages[index] as StageRecorder, workMs);
        }
      }
    }
    done += batch;
    if (idleMs > 0) thread.idle(idleMs);
  }
  return { thread, truthMs, items: ITEMS, elapsedMs: thread.clock.nowMs() };
}

test.each([
  ["always busy", 400_000, 0, false, 1, 0.05],
  ["busy in turns of fifty items", 50, 1, false, 1, 0.05],
  ["sixteen chunks at a time", 4096, 2, false, 16, 0.05],
  ["thousands at a time through each, longer than a stretch", 4096, 2, false, 4096, 0.1],
  ["watched all the same", 400_000, 0, true, 1, 0.05],
  ["watched all the same, in turns", 50, 1, true, 16, 0.05],
])(
  "of stages with too many units, time is told from stretches that are timed: %s",
  (_, items, idleMs, watched, habit, most) => {
    const run = threeStages(items, idleMs, watched, habit);
    for (const name of ["read", "parse", "score"] as const) {
      const row = run.thread.row(name);
      expect(row.units).toBe(run.items);
      expect(row.untimed).toBeGreaterThan(run.items / 2);
      expect(row.units - row.untimed - total(row.duration.counts)).toBe(0);
      expect(error(selfMs(row), run.truthMs[name])).toBeLessThan(most);
      expect(error(row.loopHeldSeconds * 1000, run.truthMs[name])).toBeLessThan(most);
      expect(error(total(row.stateSeconds) * 1000, run.elapsedMs)).toBeLessThan(1e-6);
    }
  },
);

/** Two stages by turns whose workers come and go with their units, as those of stages that are declared by hand do. */
async function declaredStages(itemsOfTurn: number, inFlight: number, isAsync: boolean) {
  const thread = new Thread({ timedPerSecond: 2000 });
  const pipeline = openPipeline(thread.recorder, "p");
  const [parse, score] = [pipeline.stage("parse"), pipeline.stage("score")];
  const truthMs = { parse: 0, score: 0 };
  const random = fixedRandom(5);
  const work = (name: keyof typeof truthMs, meanMs: number) => () => {
    const workMs = meanMs * 2 * random();
    truthMs[name] += workMs;
    thread.clock.work(workMs);
    return isAsync ? Promise.resolve() : undefined;
  };
  const ITEMS = 100_000;
  for (let done = 0; done < ITEMS; done += inFlight) {
    const items = Array.from({ length: inFlight }, async () => {
      await parse.run(work("parse", 0.002));
      await score.run(work("score", 0.007));
    });
    await Promise.all(items);
    if (done % itemsOfTurn === 0) thread.idle(3);
  }
  return { thread, truthMs, items: ITEMS };
}

test.each([
  ["at once", 100_000, false],
  ["at once, in turns of a hundred", 100, false],
  ["by promises", 100_000, true],
  ["by promises, in turns of a hundred", 100, true],
])("the time of stages declared by hand is told from stretches that are timed: %s", async (_, itemsOfTurn, isAsync) => {
  const { thread, truthMs, items } = await declaredStages(itemsOfTurn, 1, isAsync);
  for (const name of ["parse", "score"] as const) {
    const row = thread.row(name);
    expect(row.units).toBe(items);
    expect(row.untimed).toBeGreaterThan(items / 2);
    expect(error(selfMs(row), truthMs[name])).toBeLessThan(0.05);
    expect(error(row.loopHeldSeconds * 1000, truthMs[name])).toBeLessThan(0.05);
    expect(row.stateWorkers).toEqual([0, 0, 0, 0, 0, 0]);
  }
});

test("of hand-overs that are under way together, too fast to be timed, the loop's time is told, and of each its own", async () => {
  const { thread, truthMs } = await declaredStages(10_000, 10, true);
  for (const name of ["parse", "score"] as const) {
    const row = thread.row(name);
    expect(error(row.loopHeldSeconds * 1000, truthMs[name])).toBeLessThan(0.1);
    const timedMs = (row.duration.sumSeconds * 1000) / total(row.duration.counts);
    expect(error(selfMs(row), timedMs * row.units)).toBeLessThan(0.1);
  }
});

test("the clock is hardly read for units that are not timed", () => {
  const { thread, items } = threeStages(400_000, 0, false, 1);
  expect(thread.clockReads).toBeLessThan(items / 4);
});

test("a slow stage beside a fast one has each of its units timed, to the millisecond", () => {
  const thread = new Thread({ timedPerSecond: 2000 });
  const fast = thread.stage("parse");
  const slow = thread.stage("score");
  for (let item = 0; item < 100_000; item++) {
    thread.item(fast, 0.01);
    if (item % 100 === 0) thread.item(slow, 0.5);
  }
  expect(thread.row("parse").untimed).toBeGreaterThan(50_000);
  const row = thread.row("score");
  expect(row).toMatchObject({ units: 1000, untimed: 0 });
  expect(selfMs(row)).toBeCloseTo(500, 6);
  expect(row.loopHeldSeconds).toBeCloseTo(0.5, 9);
  expect(error(selfMs(thread.row("parse")), 1000)).toBeLessThan(0.05);
});

test("the time that the event loop waits is measured, however fast a stage is between", () => {
  const thread = new Thread({ timedPerSecond: 1000 });
  const stage = thread.stage("score");
  for (let second = 0; second < 30; second++) {
    for (let item = 0; item < 5000; item++) thread.item(stage, 0.01);
    thread.idle(950);
  }
  const row = thread.row("score");
  expect(row.untimed).toBeGreaterThan(100_000);
  expect(error(selfMs(row), 1500)).toBeLessThan(0.02);
});

test("where nobody says that a turn has ended, a long wait is not taken for work", () => {
  const thread = new Thread({ timedPerSecond: 1000, atTurnEnd: () => {} });
  const stage = thread.stage("score");
  for (let second = 0; second < 30; second++) {
    for (let item = 0; item < 5000; item++) thread.item(stage, 0.01);
    thread.idle(950);
  }
  expect(error(selfMs(thread.row("score")), 1500)).toBeLessThan(0.3);
});

test("a stage that becomes slow is timed again, unit by unit", () => {
  const thread = new Thread({ timedPerSecond: 1000 });
  const stage = thread.stage("score");
  for (let item = 0; item < 20_000; item++) thread.item(stage, 0.01);
  const before = thread.row("score");
  expect(before.untimed).toBeGreaterThan(0);
  for (let item = 0; item < 1000; item++) thread.item(stage, 5);
  const { untimed } = thread.row("score");
  for (let item = 0; item < 1000; item++) thread.item(stage, 5);
  const row = thread.row("score");
  expect(row.untimed).toBe(untimed);
  // What was not timed while it became slow is told by what was learned of it when it was fast.
  expect(error(selfMs(row), 10_200)).toBeLessThan(0.1);
});

test("as many as one likes are timed where no limit is set", () => {
  const thread = new Thread({ timedPerSecond: Number.POSITIVE_INFINITY });
  const stage = thread.stage("score");
  for (let item = 0; item < 100_000; item++) thread.item(stage, 0.001);
  expect(thread.row("score")).toMatchObject({ units: 100_000, untimed: 0 });
});

test("where nothing is to be timed units are counted, and nobody claims to know where the time went", () => {
  const thread = new Thread({ timedPerSecond: 0 });
  const stage = thread.stage("score");
  for (let item = 0; item < 1000; item++) thread.item(stage, 1);
  for (let item = 0; item < 1000; item++) thread.watched(stage, 1);
  const row = thread.row("score");
  expect(row).toMatchObject({ units: 2000, untimed: 2000, items: 2000, loopHeldSeconds: 0 });
  expect(timesMs(row)).toEqual({ unknown: 2000 });
  expect(total(row.duration.counts)).toBe(0);
});
