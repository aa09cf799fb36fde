import { type EventEmitter, once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Attachment, openPipeline, PinchpointError, type Recorder } from "@pinchpoint/probe";
import { Piscina } from "piscina";
import { afterEach, expect, test } from "vitest";
import { instrumentPiscina } from "../src/piscina.ts";
import { workerInfoOf } from "../src/piscina-worker.ts";
import { closedGate, type Gate, openGate } from "./gate.ts";
import { callsOf, countsOf, HandClock, mainRecorder, stageRow, timesMs } from "./recording.ts";

const FILE = "gated-task.js";
const filename = fileURLToPath(new URL(`fixtures/${FILE}`, import.meta.url));
const otherFile = new URL("fixtures/other-task.js", import.meta.url).href;

const attachments: Attachment[] = [];
const pools: Piscina[] = [];
afterEach(async () => {
  for (const attachment of attachments.splice(0).reverse()) attachment.detach();
  await Promise.all(pools.splice(0).map((pool) => pool.destroy()));
});

function attach(recorder: Recorder): Attachment {
  const attachment = instrumentPiscina(recorder, Piscina, { pipeline: "app" });
  attachments.push(attachment);
  return attachment;
}

function newPool(threads: number, options: ConstructorParameters<typeof Piscina>[0] = {}): Piscina {
  const pool = new Piscina({ filename, minThreads: threads, maxThreads: threads, ...options });
  pools.push(pool);
  return pool;
}

const listenersOf = (emitter: EventEmitter): readonly unknown[] =>
  emitter.eventNames().map((name) => [name, emitter.listenerCount(name)]);

const outcome = (promise: Promise<unknown>): Promise<{ value?: unknown; error?: unknown }> =>
  promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );

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

test("what Piscina refuses at once, and what cannot be posted, is refused as ever", async () => {
  const pool = newPool(1);
  const refusals = async (): Promise<readonly unknown[]> => {
    const { error: bad } = await outcome(pool.run({}, null as never));
    const { error: nameless } = await outcome(new Piscina({ minThreads: 0 }).run({}));
    const { error: uncloned } = await outcome(pool.run({ value: () => {} }));
    return [bad, nameless, uncloned].map(String);
  };
  const bare = await refusals();
  const recorder = mainRecorder();
  attach(recorder);
  expect(await refusals()).toEqual(bare);
  expect(countsOf(stageRow(recorder, FILE))).toMatchObject({ arrived: 2, errors: 2, inHand: 0 });
  expect(recorder.snapshot().losses).toEqual({});
});

test("an application that looks at its pool sees what it saw before", async () => {
  const { prototype } = Piscina;
  const postTask = workerInfoOf(Piscina).prototype;
  const outside = () =>
    [prototype, postTask].map((target) =>
      Object.entries(Object.getOwnPropertyDescriptors(target)).map(([key, { value, ...flags }]) => [
        key,
        typeof value === "function" ? [value.name, value.length] : typeof value,
        flags.writable,
        flags.enumerable,
        flags.configurable,
      ]),
    );
  const sight = async () => {
    const pool = newPool(1);
    const promise = pool.run({ value: { deep: [1] } });
    const kinds = [promise instanceof Promise, Object.getPrototypeOf(promise) === Promise.prototype];
    const value = await promise;
    return [kinds, value, listenersOf(pool), pool.threads.map(listenersOf), pool.completed];
  };
  const bare = [outside(), await sight()];
  attach(mainRecorder());
  expect([outside(), await sight()]).toEqual(bare);
});

test("a rejection that nobody handles is reported once, as the same error", async () => {
  attach(mainRecorder());
  const pool = newPool(1);
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  try {
    const reported = once(process, "unhandledRejection");
    pool.run({ does: "throw", value: 5 });
    expect(await reported).toMatchObject([{ message: "refused: 5" }, expect.any(Promise)]);
  } finally {
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
});

test("detaching restores, and attaching twice is attaching once", async () => {
  const targets = [Piscina.prototype, workerInfoOf(Piscina).prototype];
  const state = () => targets.map((target) => Object.getOwnPropertyDescriptors(target));
  const bare = state();
  const recorder = mainRecorder();
  const attachment = attach(recorder);
  const once = state();
  expect(once).not.toEqual(bare);
  expect(attach(recorder)).toBe(attachment);
  expect(state()).toEqual(once);
  const pool = newPool(1);
  await pool.run({});
  attachment.detach();
  expect(state()).toEqual(bare);
  await pool.run({});
  expect(countsOf(stageRow(recorder, FILE))).toMatchObject({ arrived: 1, items: 1 });
});

test("someone else's patch that was made after ours goes on working when ours has gone", async () => {
  const { prototype } = Piscina;
  const bare = Object.getOwnPropertyDescriptor(prototype, "run") as PropertyDescriptor;
  const recorder = mainRecorder();
  const attachment = attach(recorder);
  const ours = prototype.run;
  let calls = 0;
  prototype.run = function (...args) {
    calls += 1;
    return Reflect.apply(ours, this, args);
  };
  try {
    const pool = newPool(1);
    expect(await pool.run({ value: 1 })).toBe(1);
    attachment.detach();
    expect(await pool.run({ value: 2 })).toBe(2);
    expect(calls).toBe(2);
    expect(countsOf(stageRow(recorder, FILE))).toMatchObject({ arrived: 1, items: 1 });
  } finally {
    Object.defineProperty(prototype, "run", bare);
  }
});

test("a `run` of somebody else's whose answer cannot be watched is counted as dropped", async () => {
  const { prototype } = Piscina;
  const bare = Object.getOwnPropertyDescriptor(prototype, "run") as PropertyDescriptor;
  // biome-ignore lint/suspicious/noThenProperty: a thenable is the case
  const answer = { then: (resolve: (value: string) => void) => resolve("theirs") };
  prototype.run = () => answer as never;
  try {
    const recorder = mainRecorder();
    const attachment = attach(recorder);
    expect(newPool(1).run({})).toBe(answer);
    expect(countsOf(stageRow(recorder, FILE))).toMatchObject({ arrived: 1, items: 0, dropped: 1, inHand: 0 });
    attachment.detach();
  } finally {
    Object.defineProperty(prototype, "run", bare);
  }
});

test("two recorders each record everything", async () => {
  const clocks = [new HandClock(), new HandClock()];
  const recorders = clocks.map((clock) => mainRecorder(clock));
  for (const recorder of recorders) attach(recorder);
  const pool = newPool(1);
  const gates = [closedGate(), closedGate()];
  const tasks = gates.map((gate) => pool.run({ gate }));
  for (const [at, gate] of gates.entries()) {
    for (const clock of clocks) clock.pass(10);
    openGate(gate);
    await tasks[at];
  }
  for (const recorder of recorders) expect(timesMs(stageRow(recorder, FILE))).toEqual({ self: 20 });
});

/** Recorders that cannot do their work. */
const broken = [
  ["its clock throws", () => mainRecorder({ nowMs: fails, idleMs: fails })],
  [
    "it has no room",
    () => {
      const recorder = mainRecorder();
      for (let i = 0; i < 1000; i++) recorder.openStage({ pipeline: "other", name: `stage ${i}`, role: "stage" });
      return recorder;
    },
  ],
  [
    "it throws itself",
    () => {
      const recorder = mainRecorder();
      return Object.defineProperties(recorder, { beginCall: { value: fails }, openStage: { value: fails } });
    },
  ],
] as const;

function fails(): never {
  throw new Error("no recorder");
}

test.for(broken)("a recorder is invisible when %s", async ([, brokenRecorder]) => {
  attach(brokenRecorder());
  const pool = newPool(1);
  expect(await Promise.all([1, 2, 3].map((value) => pool.run({ value })))).toEqual([1, 2, 3]);
  expect((await outcome(pool.run({ does: "throw", value: 4 }))).error).toMatchObject({ message: "refused: 4" });
});

test("a class whose workers cannot be reached is left as it is, and counted", () => {
  class Strange {
    run(): number {
      return 1;
    }
  }
  const { run } = Strange.prototype;
  const recorder = mainRecorder();
  instrumentPiscina(recorder, Strange, { pipeline: "app" });
  expect(Strange.prototype.run).toBe(run);
  expect(recorder.snapshot().losses).toEqual({ "not-patched": 1 });
});

test("a pipeline without a name is refused", () => {
  expect(() => instrumentPiscina(mainRecorder(), Piscina, { pipeline: "" })).toThrow(PinchpointError);
});
