import { expect, test } from "vitest";
import { Recorder } from "../src/recorder.ts";
import type { ResourceRecorder } from "../src/resource.ts";
import { MAX_THREADS } from "../src/slot-memory.ts";
import type { StageRecorder } from "../src/stage.ts";
import { BLOCKED, SELF, STARVED, USE, WAIT } from "../src/state-clock.ts";
import { ThreadTracer } from "../src/thread-tracer.ts";
import { HandClock, mainRecorder, resourceRow, stageRow, timesMs, total, workersNow } from "./hand-clock.ts";
import { newTracer } from "./kept-spans.ts";

const clock = () => new HandClock();

function startThread(main: Recorder, time: HandClock, workerId: number, lineage: readonly number[] = []): Recorder {
  const identity = { name: `worker ${workerId}`, osThreadId: 100 + workerId, workerId, lineage };
  const recorder = Recorder.forWorker(main.share, time, identity);
  if (recorder === null) throw new Error("no slot left");
  return recorder;
}

const stageNamed = (recorder: Recorder, name: string) =>
  recorder.openStage({ pipeline: "p", name, role: "stage" }) as StageRecorder;

/** Takes the slots that are kept apart, so that the next thread gets one that was used. */
function useSlots(main: Recorder, time: HandClock, firstId: number): void {
  for (let workerId = firstId; workerId < firstId + 14; workerId++) {
    startThread(main, time, workerId);
    main.endThread(workerId);
  }
}

test("what a slot's threads did one after the other adds up, and its newest thread is named", () => {
  const time = clock();
  const main = mainRecorder(time);
  const options = { pipeline: "p", name: "table", kind: "service", capacity: 4 } as const;
  const work = (recorder: Recorder, units: number) => {
    const stage = stageNamed(recorder, "decode");
    recorder.connect(stageNamed(recorder, "read"), stage);
    const table = recorder.openResource(stage, options) as ResourceRecorder;
    for (let unit = 0; unit < units; unit++) {
      stage.enter(SELF, time.nowMs());
      table.useBegins(time.nowMs());
      time.work(10);
      table.useEnds(time.nowMs(), 10);
      stage.leave(SELF, time.nowMs());
      stage.finished(2, 10);
    }
  };
  work(startThread(main, time, 1), 3);
  main.endThread(1);
  useSlots(main, time, 100);
  const latter = startThread(main, time, 200);
  expect(latter.slot).toBe(1);
  const between = main.snapshot();
  expect(stageRow(between, "decode", 1)).toMatchObject({ units: 3, items: 6 });
  expect(between.threads[1]).toEqual({
    id: 1,
    role: "worker",
    name: "worker 200",
    workerId: 200,
    osThreadId: 300,
    endedAtMs: null,
  });
  work(latter, 2);
  for (const isEnded of [false, true]) {
    if (isEnded) main.endThread(200);
    const snapshot = main.snapshot();
    const row = stageRow(snapshot, "decode", 1);
    expect(row).toMatchObject({ units: 5, items: 10 });
    expect(timesMs(row)).toEqual({ self: 50 });
    expect(total(row.duration.counts)).toBe(5);
    expect(row.duration.sumSeconds).toBeCloseTo(0.05, 12);
    const used = resourceRow(snapshot, "decode", "table");
    expect(used).toMatchObject({ uses: 5, inUse: 0 });
    expect(used.useSeconds).toBeCloseTo(0.05, 12);
    expect(total(used.use.counts)).toBe(5);
    expect(snapshot.resources[0]?.capacity).toBe(4);
    expect(snapshot.edges).toHaveLength(1);
    expect(snapshot.losses).toEqual({});
  }
});

test("what a thread had in hand is abandoned once, also when its slot is used again", () => {
  const time = clock();
  const main = mainRecorder(time);
  const decode = stageNamed(startThread(main, time, 1), "decode");
  for (const state of [STARVED, SELF, WAIT, USE, BLOCKED] as const) decode.enter(state, 0);
  time.work(10);
  main.endThread(1);
  useSlots(main, time, 100);
  time.work(10);
  stageNamed(startThread(main, time, 200), "decode").enter(SELF, time.nowMs());
  time.work(5);
  const row = stageRow(main.snapshot(), "decode", 1);
  expect(timesMs(row)).toEqual({ starved: 10, self: 15, wait: 10, use: 10, blocked: 10 });
  expect(workersNow(row)).toEqual({ self: 1 });
  expect(main.snapshot().losses).toEqual({ abandoned: 3 });
  main.endThread(200);
  expect(main.snapshot().losses).toEqual({ abandoned: 4 });
  expect(main.snapshot().losses).toEqual({ abandoned: 4 });
});

test("losses of threads that have had a slot are kept", () => {
  const time = clock();
  const main = mainRecorder(time);
  startThread(main, time, 1).lose("not-patched");
  main.endThread(1);
  useSlots(main, time, 100);
  startThread(main, time, 200).lose("not-patched");
  expect(main.snapshot().losses).toEqual({ "not-patched": 2 });
});

test("threads that descend from one which ends have ended with it, also those of threads without a slot", () => {
  const time = clock();
  const main = mainRecorder(time);
  const deep = stageNamed(startThread(main, time, 5, [1, 3]), "deep");
  const near = stageNamed(startThread(main, time, 4, [1]), "near");
  const other = stageNamed(startThread(main, time, 6, [2]), "other");
  for (const stage of [deep, near, other]) stage.enter(SELF, 0);
  time.work(10);
  expect(main.endThread(1)).toBe(false);
  time.work(10);
  const snapshot = main.snapshot();
  expect(snapshot.threads.map(({ name, endedAtMs }) => [name, endedAtMs])).toEqual([
    ["main", null],
    ["worker 5", 10],
    ["worker 4", 10],
    ["worker 6", null],
  ]);
  expect(snapshot.stageRows.map((row) => timesMs(row))).toEqual([{ self: 10 }, { self: 10 }, { self: 20 }]);
  expect(snapshot.losses).toEqual({ abandoned: 2 });
  // A thread that hears of its own worker tells the main thread so.
  expect(startThread(main, time, 2).endThread(6)).toBe(true);
  expect(main.snapshot().losses).toEqual({ abandoned: 3 });
});

test("a thread that died in the middle of its claim leaves its slot to another one", () => {
  const time = clock();
  const main = mainRecorder(time);
  const { encodeInto } = TextEncoder.prototype;
  TextEncoder.prototype.encodeInto = () => {
    throw new Error("terminated");
  };
  try {
    for (const [workerId, lineage] of [[7, []] as const, [8, [7]] as const]) {
      expect(() => startThread(main, time, workerId, lineage)).toThrow("terminated");
    }
  } finally {
    TextEncoder.prototype.encodeInto = encodeInto;
  }
  expect(main.snapshot().threads).toHaveLength(1);
  expect(main.endThread(7)).toBe(false);
  expect(main.snapshot().threads).toHaveLength(1);
  for (let workerId = 100; workerId < 100 + MAX_THREADS - 1; workerId++) startThread(main, time, workerId);
  expect(main.snapshot().losses).toEqual({});
});

test("a thread's spans are there for whoever takes them after its slot has got another thread", () => {
  const time = clock();
  const main = mainRecorder(time);
  main.keepSpans(newTracer().tracer);
  const span = (recorder: Recorder, name: string) => {
    recorder.keepSpansFor((ring) => new ThreadTracer(ring, { propagators: [], rootShare: 1, attributes: {} }));
    return recorder.traces.root({ name, kind: "internal", atMs: time.nowMs(), attributes: {} }, null);
  };
  const former = startThread(main, time, 1);
  span(former, "first")?.end(1, "ok");
  span(former, "open");
  main.endThread(1);
  useSlots(main, time, 100);
  time.work(1000);
  span(startThread(main, time, 200), "second")?.end(2, "ok");
  expect(main.takeSpans().map(({ name }) => name)).toEqual(["first", "second"]);
  expect(main.takeSpans()).toEqual([]);
  expect(main.snapshot().losses).toEqual({ span: 1 });
});

test("a thousand threads one after the other, each with stages of its own names, are bounded in what is told", () => {
  const time = clock();
  const main = mainRecorder(time);
  for (let workerId = 1; workerId <= 1000; workerId++) {
    const recorder = startThread(main, time, workerId);
    for (let at = 0; at < 30; at++) stageNamed(recorder, at === 0 ? "decode" : `${workerId} ${at}`).finished(1, 1);
    main.endThread(workerId);
  }
  const { threads, stages, stageRows, losses } = main.snapshot();
  expect(threads).toHaveLength(16);
  expect(stageRows.length).toBeLessThan(16_384 + MAX_THREADS);
  expect(total(stageRows.map(({ units }) => units))).toBe(30_000);
  const decode = stages.find(({ name }) => name === "decode")?.id;
  expect(total(stageRows.filter(({ stage }) => stage === decode).map(({ units }) => units))).toBe(1000);
  expect(losses).toEqual({ "stage-limit": 29_015 - 16_384 });
});
