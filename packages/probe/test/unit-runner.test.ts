import { expect, test } from "vitest";
import { openPipeline } from "../src/pipeline.ts";
import type { Stage } from "../src/pipeline-stage.ts";
import { Recorder } from "../src/recorder.ts";
import { runningWork } from "../src/work.ts";
import { fixedRandom, HandClock, mainRecorder, resourceRow, stageRow, timesMs, workersNow } from "./hand-clock.ts";

const HABIT = 100;

function nothing(): void {}

function inHabit(stage: Stage): void {
  for (let run = 0; run < HABIT; run++) stage.run(nothing);
}

function stageOf(recorder: Recorder, name = "score"): Stage {
  return openPipeline(recorder, "p").stage(name);
}

test("what a hand-over awaits is known to be its own, by its context", async () => {
  const recorder = mainRecorder(new HandClock());
  const known = await stageOf(recorder).run(async () => {
    await null;
    return runningWork()?.stage?.name;
  });
  expect(known).toBe("score");
});

test("a stage without an ambient context is known until its function returns, and no longer", async () => {
  const recorder = mainRecorder(new HandClock());
  const stage = openPipeline(recorder, "p").stage("score", { context: "synchronous" });
  const known = await stage.run(async () => {
    const before = runningWork()?.stage?.name;
    await null;
    return [before, runningWork()];
  });
  expect(known).toEqual(["score", null]);
  expect(stageRow(recorder.snapshot(), "score")).toMatchObject({ units: 1, items: 1, emitted: 1 });
});

test("a stage that was always done at once has its context again after the first hand-over that is not", async () => {
  const recorder = mainRecorder(new HandClock());
  const stage = stageOf(recorder);
  inHabit(stage);
  const known = () =>
    stage.run(async () => {
      await null;
      return runningWork()?.stage?.name;
    });
  expect([await known(), await known()]).toEqual([undefined, "score"]);
  inHabit(stage);
  expect(await known()).toBe("score");
  expect(stageRow(recorder.snapshot(), "score")).toMatchObject({ units: 2 * HABIT + 3 });
});

test("a worker that somebody may have kept has no other hand-over after its own", () => {
  const recorder = mainRecorder(new HandClock());
  const stage = stageOf(recorder);
  inHabit(stage);
  const kept: unknown[] = [];
  for (let run = 0; run < 3; run++) stage.run(() => void kept.push(runningWork()));
  expect(kept).not.toContain(null);
  expect(new Set(kept).size).toBe(3);
});

test("what a hand-over left behind reaches no later one", async () => {
  const clock = new HandClock();
  const recorder = mainRecorder(clock);
  const stage = stageOf(recorder);
  inHabit(stage);
  const late: (() => void)[] = [];
  stage.run(() => {
    const call = recorder.beginCall({ name: "db", kind: "service" }, 3, clock.nowMs());
    late.push(() => call?.end(clock.nowMs()));
  });
  clock.idle(5);
  stage.run(() => {
    clock.work(1);
    for (const act of late) act();
    clock.work(1);
  });
  const snapshot = recorder.snapshot();
  expect(timesMs(stageRow(snapshot, "score"))).toEqual({ self: 2 });
  expect(workersNow(stageRow(snapshot, "score"))).toEqual({});
  expect(resourceRow(snapshot, "score", "db").useSeconds).toBeCloseTo(0.006, 12);
});

test("what a stage uses within the hand-over of another one that is only counted is its own", () => {
  const recorder = Recorder.forProcess(
    new HandClock(),
    { name: "main", osThreadId: null, workerId: 0 },
    { timedPerSecond: 1, atTurnEnd: nothing },
  );
  const pipeline = openPipeline(recorder, "p");
  const [outer, inner] = [pipeline.stage("outer"), pipeline.stage("inner")];
  const table = pipeline.resource("table", { kind: "lock" });
  for (let run = 0; run < 5000; run++) inner.run(nothing);
  expect(stageRow(recorder.snapshot(), "inner").untimed).toBeGreaterThan(0);
  const within: object[] = [];
  for (let run = 0; run < 500; run++) {
    outer.run(() =>
      inner.run(() => outer.use(table, () => void within.push(workersNow(stageRow(recorder.snapshot(), "outer"))))),
    );
  }
  // One worker, which uses the table: not a second one beside it.
  expect(new Set(within.map((workers) => JSON.stringify(workers)))).toEqual(new Set(['{"use":1}']));
});

test("hand-overs within each other, whole and failed, are told as they were, to the millisecond", () => {
  const random = fixedRandom(20_261_123);
  const clock = new HandClock();
  const recorder = mainRecorder(clock);
  const truth = ["read", "parse", "score"].map((name) => ({
    stage: stageOf(recorder, name),
    units: 0,
    errors: 0,
    selfMs: 0,
    heldMs: 0,
  }));
  const one = (depth: number): number => {
    const told = truth[Math.floor(random() * truth.length)] as (typeof truth)[number];
    const fails = random() < 0.2;
    let allMs = 0;
    try {
      told.stage.run(() => {
        const ownMs = Math.floor(random() * 4);
        clock.work(ownMs);
        told.heldMs += ownMs;
        allMs += ownMs;
        while (depth < 3 && random() < 0.3) allMs += one(depth + 1);
        if (fails) throw new Error("broken");
      });
    } catch {
      told.errors += 1;
    }
    told.units += 1;
    told.selfMs += allMs;
    return allMs;
  };
  for (let run = 0; run < 3000; run++) one(0);
  const snapshot = recorder.snapshot();
  for (const { stage, units, errors, selfMs, heldMs } of truth) {
    const row = stageRow(snapshot, stage.name);
    expect(row).toMatchObject({ units, errors });
    expect(timesMs(row)).toEqual({ self: selfMs });
    expect(row.loopHeldSeconds * 1000).toBeCloseTo(heldMs, 6);
    expect(workersNow(row)).toEqual({});
  }
});
