import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Arena } from "../src/arena.ts";
import { Recorder } from "../src/recorder.ts";
import type { ResourceRecorder } from "../src/resource.ts";
import { Slab } from "../src/slab.ts";
import type { Snapshot } from "../src/snapshot.ts";
import type { StageRecorder } from "../src/stage.ts";
import { BLOCKED, SELF, STARVED, type StateIndex, USE, WAIT } from "../src/state-clock.ts";
import { HandClock, mainRecorder, stageRow, timesMs, total, workersNow } from "./hand-clock.ts";

function processWithWorker(clock = new HandClock()) {
  const main = mainRecorder(clock);
  const worker = Recorder.forWorker(main.share, clock, { name: "decoder", osThreadId: 12, workerId: 3 }) as Recorder;
  return { clock, main, worker };
}

const stageNamed = (recorder: Recorder, name: string) =>
  recorder.openStage({ pipeline: "p", name, role: "stage" }) as StageRecorder;

test("a stage on two threads is one stage with two rows, and an edge that both saw is one edge", () => {
  const { main, worker } = processWithWorker();
  for (const recorder of [main, worker]) {
    recorder.connect(stageNamed(recorder, "decode"), stageNamed(recorder, "store"));
    stageNamed(recorder, "decode").finished(1, 1);
  }
  const snapshot = main.snapshot();
  expect(snapshot.threads.map(({ id, role, name, osThreadId }) => [id, role, name, osThreadId])).toEqual([
    [0, "main", "main", 7],
    [1, "worker", "decoder", 12],
  ]);
  expect(snapshot.stages.map(({ id, name }) => [id, name])).toEqual([
    [0, "decode"],
    [1, "store"],
  ]);
  expect(snapshot.edges).toEqual([{ from: 0, to: 1 }]);
  expect([0, 1].map((thread) => stageRow(snapshot, "decode", thread).units)).toEqual([1, 1]);
});

test("ids keep their meaning while stages, resources and threads come", () => {
  const { main, worker } = processWithWorker();
  stageNamed(worker, "decode");
  const before = main.snapshot();
  const use = { pipeline: "p", name: "decode", kind: "service" } as const;
  main.openResource(stageNamed(main, "read"), use);
  const after = main.snapshot();
  expect(before.stages.map(({ id, name }) => [id, name])).toEqual([[0, "decode"]]);
  expect(after.stages.map(({ id, name }) => [id, name])).toEqual([
    [0, "decode"],
    [1, "read"],
  ]);
  expect(after.resources.map(({ id, name }) => [id, name])).toEqual([[0, "decode"]]);
});

test("the end of a worker thread ends its times, empties its states and counts what it had in hand", () => {
  const { clock, main, worker } = processWithWorker();
  const stage = stageNamed(worker, "decode");
  for (const state of [STARVED, SELF, SELF, WAIT, USE, BLOCKED] as const) stage.enter(state, 0);
  const table = worker.openResource(stage, { pipeline: "p", name: "table", kind: "service" }) as ResourceRecorder;
  table.useBegins(0);
  clock.idle(10);
  main.endThread(3);
  clock.idle(90);
  const snapshot = main.snapshot();
  main.endThread(3);
  for (const one of [snapshot, main.snapshot()]) {
    const row = stageRow(one, "decode", 1);
    expect(timesMs(row)).toEqual({ starved: 10, self: 20, wait: 10, use: 10, blocked: 10 });
    expect(workersNow(row)).toEqual({});
    expect(one.resourceRows[0]).toMatchObject({ useSeconds: 0.01, inUse: 0 });
    expect(one.threads[1]?.endedAtMs).toBe(10);
    expect(one.losses).toEqual({ abandoned: 4 });
  }
});

test("the end of a thread that never recorded, and of the main thread's number, ends nothing", () => {
  const { main } = processWithWorker();
  main.endThread(0);
  main.endThread(77);
  expect(main.snapshot().threads.map(({ endedAtMs }) => endedAtMs)).toEqual([null, null]);
});

test("a transition later than the snapshot's moment does not make a time fall below zero or back", () => {
  const { clock, main, worker } = processWithWorker();
  const stage = stageNamed(worker, "decode");
  clock.idle(10);
  stage.enter(SELF, 12);
  expect(timesMs(stageRow(main.snapshot(), "decode", 1))).toEqual({});
  clock.idle(5);
  expect(timesMs(stageRow(main.snapshot(), "decode", 1))).toEqual({ self: 3 });
  stage.enter(SELF, 19);
  expect(timesMs(stageRow(main.snapshot(), "decode", 1))).toEqual({ self: 3 });
});

test("a row that cannot be read is told as it last was, and counted for good", () => {
  const { clock, main } = processWithWorker();
  const stage = stageNamed(main, "decode");
  stage.enter(SELF, 0);
  clock.work(10);
  main.snapshot();
  clock.work(10);
  stage.finished(1, 1);
  // A writer who overtakes the reader at every try: each look at the sequence number finds it three further on.
  const arena = new Arena(main.share.arena as SharedArrayBuffer);
  const sequenceAt = new Slab(arena, 0, "writer").sequenceAt(stage.row);
  const load = Atomics.load;
  Atomics.load = ((view: Int32Array, at: number) => {
    const value = load(view, at);
    if (view.buffer === arena.ints.buffer && at === sequenceAt) Atomics.add(view, at, 3);
    return value;
  }) as typeof Atomics.load;
  let torn: Snapshot;
  try {
    torn = main.snapshot();
  } finally {
    Atomics.load = load;
  }
  expect(stageRow(torn, "decode").units).toBe(1);
  expect(timesMs(stageRow(torn, "decode"))).toEqual({ self: 10 });
  expect(torn.losses).toEqual({ "torn-read": 1 });
  expect(main.snapshot().losses).toEqual({ "torn-read": 1 });
});

const step = fc.record({
  ms: fc.nat(100),
  thread: fc.nat(2),
  stage: fc.nat(1),
  kind: fc.constantFrom("enter", "move", "leave", "hold", "finish", "end"),
  state: fc.nat(5),
});

test("no counter ever falls, whatever the threads do", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const clock = new HandClock();
      const main = mainRecorder(clock);
      const recorders = [1, 2].map((workerId) =>
        Recorder.forWorker(main.share, clock, { name: `w${workerId}`, osThreadId: null, workerId }),
      );
      const threads = [main, ...(recorders as Recorder[])];
      const ended = new Set<number>();
      const present = new Map<StageRecorder, StateIndex[]>();
      let last: number[] = [];
      for (const { ms, thread, stage: number, kind, state } of steps) {
        clock.work(ms / 7);
        if (kind === "end") {
          if (thread > 0) ended.add(thread);
          main.endThread(thread);
        } else if (!ended.has(thread)) {
          const stage = stageNamed(threads[thread] as Recorder, `stage ${number}`);
          const workers = present.get(stage) ?? [];
          present.set(stage, workers);
          const atMs = stage.nowMs();
          const [worker] = workers;
          if (kind === "enter") {
            stage.enter(state as StateIndex, atMs);
            workers.push(state as StateIndex);
          } else if (kind === "finish") stage.finished(1, ms);
          else if (kind === "hold") {
            const outside = stage.hold(atMs);
            clock.work(ms / 3);
            stage.release(outside, stage.nowMs());
          } else if (worker !== undefined && kind === "move") {
            stage.move(worker, state as StateIndex, atMs);
            workers.push(state as StateIndex);
            workers.shift();
          } else if (worker !== undefined) {
            stage.leave(worker, atMs);
            workers.shift();
          }
        }
        const snapshot = main.snapshot();
        const counters = [0, 1, 2].flatMap((on) =>
          [0, 1].flatMap((of) => {
            const row = snapshot.stageRows.find(
              (one) => one.thread === on && snapshot.stages[one.stage]?.name === `stage ${of}`,
            );
            if (row === undefined) return new Array<number>(12).fill(0);
            const { units, items, stateSeconds, loopHeldSeconds, loopHeldSquared, loopOverlapSeconds, duration } = row;
            const counts = total(duration.counts);
            return [units, items, ...stateSeconds, loopHeldSeconds, loopHeldSquared, loopOverlapSeconds, counts];
          }),
        );
        counters.push(snapshot.losses.abandoned ?? 0);
        expect(counters.every((value, at) => value >= (last[at] ?? 0))).toBe(true);
        last = counters;
      }
    }),
  );
});
