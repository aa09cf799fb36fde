import { openPipeline } from "@pinchpoint/probe";
import { expect, test } from "vitest";
import { closedGate, type Gate, openGate } from "./gate.ts";
import { attach, FILE, newPool, otherFile, outcome } from "./piscina-pools.ts";
import { callsOf, countsOf, HandClock, mainRecorder, stageRow, timesMs } from "./recording.ts";

test("each stage's wait and use of the one worker are its own, whoever's end posted its task", async () => {
  const clock = new HandClock();
  const recorder = mainRecorder(clock);
  attach(recorder);
  // By default Piscina itself lets a later task overtake.
  const pool = newPool(1, { stricterFIFO: true });
  const app = openPipeline(recorder, "app");
  const gates: Gate[] = [];
  const answers = ["a", "b", "c"].map((name) => {
    const gate = closedGate();
    gates.push(gate);
    return app.stage(name).run(() => pool.run({ gate, value: name }));
  });
  for (const [at, passMs] of [10, 20, 40].entries()) {
    clock.pass(passMs);
    openGate(gates[at] as Gate);
    expect(await answers[at]).toBe("abc"[at]);
  }
  expect(callsOf(recorder, "a")).toEqual({ [FILE]: { uses: 1, waitMs: 0, useMs: 10, inUse: 0 } });
  expect(callsOf(recorder, "b")).toEqual({ [FILE]: { uses: 1, waitMs: 10, useMs: 20, inUse: 0 } });
  expect(callsOf(recorder, "c")).toEqual({ [FILE]: { uses: 1, waitMs: 30, useMs: 40, inUse: 0 } });
  expect(timesMs(stageRow(recorder, "a"))).toEqual({ use: 10 });
  expect(timesMs(stageRow(recorder, "b"))).toEqual({ wait: 10, use: 20 });
  expect(timesMs(stageRow(recorder, "c"))).toEqual({ wait: 30, use: 40 });
  expect(recorder.snapshot().stages.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  expect(recorder.snapshot().losses).toEqual({});
});

test("the pool is a resource with as many places as it runs tasks at once", () => {
  const recorder = mainRecorder();
  attach(recorder);
  // Piscina starts a second worker for the half.
  const pool = newPool(1.5, { minThreads: 1, concurrentTasksPerWorker: 3 });
  const stage = openPipeline(recorder, "app").stage("score");
  const work = [stage.run(() => pool.run({})), stage.run(() => pool.run(1, { filename: otherFile }))];
  expect(recorder.snapshot().resources).toMatchObject([
    { name: FILE, kind: "pool", capacity: 6 },
    { name: "other-task.js", kind: "pool", capacity: 6 },
  ]);
  return Promise.all(work);
});

test("tasks of no stage are hand-overs of a stage named after the worker's file", async () => {
  const clock = new HandClock();
  const recorder = mainRecorder(clock);
  attach(recorder);
  const pool = newPool(1);
  const gates = [closedGate(), closedGate()];
  const [first, second] = gates.map((gate) => pool.run({ gate, value: 7 }));
  clock.pass(10);
  expect(countsOf(stageRow(recorder, FILE))).toEqual({
    arrived: 2,
    items: 0,
    errors: 0,
    dropped: 0,
    emitted: 0,
    inHand: 1,
  });
  openGate(gates[0] as Gate);
  await first;
  clock.pass(20);
  openGate(gates[1] as Gate);
  await second;
  const row = stageRow(recorder, FILE);
  expect(timesMs(row)).toEqual({ self: 30 });
  expect(countsOf(row)).toEqual({ arrived: 2, items: 2, errors: 0, dropped: 0, emitted: 2, inHand: 0 });
  expect(row.duration.sumSeconds).toBeCloseTo(0.03);
  expect(recorder.snapshot().stages).toMatchObject([{ name: FILE, pipeline: "app", role: "stage", workers: 1 }]);
});

/** What a task may do to its worker, and what the application then sees. */
const ends = [
  ["throw", { name: "RangeError", message: "refused: 1" }],
  ["exit", { message: "worker exited with code: 3" }],
  ["throw elsewhere", { message: "outside of the task" }],
  ["run out of memory", { code: "ERR_WORKER_OUT_OF_MEMORY" }],
] as const;

test.for(ends)("a task that lets its worker %s ends once, with the application's own error", async ([does, error]) => {
  const recorder = mainRecorder();
  attach(recorder);
  const pool = newPool(1, { resourceLimits: { maxOldGenerationSizeMb: 16 } });
  const stage = openPipeline(recorder, "app").stage("score");
  expect((await outcome(pool.run({ does, value: 1 }))).error).toMatchObject(error);
  expect(countsOf(stageRow(recorder, FILE))).toMatchObject({ arrived: 1, items: 0, errors: 1, inHand: 0 });
  expect((await outcome(stage.run(() => pool.run({ does, value: 1 })))).error).toMatchObject(error);
  expect(callsOf(recorder, "score")).toMatchObject({ [FILE]: { uses: 1, inUse: 0 } });
  expect(await pool.run({ value: 2 })).toBe(2);
  expect(countsOf(stageRow(recorder, FILE))).toMatchObject({ arrived: 2, items: 1, errors: 1, inHand: 0 });
});

test("what Piscina throws at once ends the task as well", () => {
  const recorder = mainRecorder();
  attach(recorder);
  const pool = newPool(1);
  const noSignal = { signal: {} as never };
  expect(() => pool.run({}, noSignal)).toThrow("abortSignal.once is not a function");
  expect(countsOf(stageRow(recorder, FILE))).toMatchObject({ arrived: 1, errors: 1, inHand: 0 });
  const stage = openPipeline(recorder, "app").stage("score");
  expect(() => stage.run(() => pool.run({}, noSignal))).toThrow("abortSignal.once is not a function");
  expect(callsOf(recorder, "score")).toMatchObject({ [FILE]: { inUse: 0 } });
});

test("tasks are aborted in the queue and on their worker, and end there", async () => {
  const clock = new HandClock();
  const recorder = mainRecorder(clock);
  attach(recorder);
  const pool = newPool(1);
  const app = openPipeline(recorder, "app");
  const running = new AbortController();
  const queued = new AbortController();
  const gate = closedGate();
  const first = outcome(app.stage("running").run(() => pool.run({ gate }, { signal: running.signal })));
  const second = outcome(app.stage("queued").run(() => pool.run({ gate }, { signal: queued.signal })));
  const refused = outcome(app.stage("refused").run(() => pool.run({ gate }, { signal: AbortSignal.abort("late") })));
  expect((await refused).error).toMatchObject({ name: "AbortError", cause: "late" });
  clock.pass(10);
  queued.abort("no more");
  expect((await second).error).toMatchObject({ name: "AbortError", cause: "no more" });
  clock.pass(20);
  running.abort("enough");
  expect((await first).error).toMatchObject({ name: "AbortError", cause: "enough" });
  expect(timesMs(stageRow(recorder, "running"))).toEqual({ use: 30 });
  expect(timesMs(stageRow(recorder, "queued"))).toEqual({ wait: 10 });
  expect(timesMs(stageRow(recorder, "refused"))).toEqual({});
  expect(callsOf(recorder, "queued")).toEqual({ [FILE]: { uses: 0, waitMs: 10, useMs: 0, inUse: 0 } });
});

test("a full queue and a pool that is destroyed end what they refuse", async () => {
  const recorder = mainRecorder();
  attach(recorder);
  const pool = newPool(1, { maxQueue: 1 });
  const gate = closedGate();
  const [running, queued, refused] = [1, 2, 3].map(() => outcome(pool.run({ gate })));
  expect((await refused)?.error).toMatchObject({ message: "Task queue is at limit" });
  expect(countsOf(stageRow(recorder, FILE))).toMatchObject({ arrived: 3, errors: 1, inHand: 1 });
  await pool.destroy();
  expect((await queued)?.error).toMatchObject({ message: "Terminating worker thread" });
  expect((await running)?.error).toMatchObject({ message: "Terminating worker thread" });
  expect(countsOf(stageRow(recorder, FILE))).toMatchObject({ arrived: 3, items: 0, errors: 3, inHand: 0 });
});

test("a task that Piscina refuses and runs all the same has ended when it is refused", async () => {
  const recorder = mainRecorder();
  attach(recorder);
  const pool = newPool(1, { maxQueue: 0 });
  const gates = [closedGate(), closedGate()] as const;
  // Its worker has to be there: while it starts, a task may wait for it.
  await pool.run({});
  const [running, refused] = gates.map((gate) => outcome(pool.run({ gate })));
  expect((await refused)?.error).toMatchObject({ message: "No task queue available and all Workers are busy" });
  openGate(gates[0]);
  await running;
  expect(pool.threads.length - pool.idleThreads).toBe(1);
  expect(countsOf(stageRow(recorder, FILE))).toMatchObject({ arrived: 3, items: 2, errors: 1, inHand: 0 });
});

test("when 10 workers are terminated in mid-run, what is counted is what the application was told", async () => {
  const recorder = mainRecorder();
  attach(recorder);
  const pool = newPool(10);
  const gate = closedGate();
  const told = { submitted: 0, done: 0, failed: 0 };
  const submit = async (value: number): Promise<void> => {
    told.submitted += 1;
    try {
      await pool.run({ gate, value });
      told.done += 1;
    } catch {
      told.failed += 1;
      await submit(value);
    }
  };
  const all = Promise.all(Array.from({ length: 40 }, (_, value) => submit(value)));
  await Promise.all(pool.threads.map((worker) => worker.terminate()));
  openGate(gate);
  await all;
  expect(told).toEqual({ submitted: 50, done: 40, failed: 10 });
  expect(countsOf(stageRow(recorder, FILE))).toEqual({
    arrived: told.submitted,
    items: told.done,
    errors: told.failed,
    dropped: 0,
    emitted: told.done,
    inHand: 0,
  });
});
