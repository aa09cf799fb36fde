import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import workerThreads, { MessageChannel, Worker } from "node:worker_threads";
import { type Attachment, openPipeline, type Recorder } from "@pinchpoint/probe";
import { Piscina } from "piscina";
import { afterEach, expect, test } from "vitest";
import { instrumentWorkerThreads } from "../src/worker-threads.ts";
import { closedGate, openGate } from "./gate.ts";
import { callsOf, HandClock, mainRecorder, stageRow, timesMs } from "./recording.ts";

const FILE = "echo-worker.js";
const file = new URL(`fixtures/${FILE}`, import.meta.url);

const attachments: Attachment[] = [];
const workers: Worker[] = [];
afterEach(async () => {
  for (const attachment of attachments.splice(0).reverse()) attachment.detach();
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

function attach(recorder: Recorder): Attachment {
  const attachment = instrumentWorkerThreads(recorder);
  attachments.push(attachment);
  return attachment;
}

function newWorker(): Worker {
  const worker = new Worker(file);
  workers.push(worker);
  return worker;
}

/** Asks as an application does that knows nothing of this. */
async function ask(worker: Worker, question: object): Promise<unknown> {
  const answer = once(worker, "message");
  worker.postMessage(question);
  return (await answer)[0];
}

test("a stage's question to a worker is its use of the worker's file, until the answer", async () => {
  const clock = new HandClock();
  const recorder = mainRecorder(clock);
  attach(recorder);
  const app = openPipeline(recorder, "app");
  const worker = newWorker();
  for (const [name, takesMs] of [
    ["a", 10],
    ["b", 20],
  ] as const) {
    const gate = closedGate();
    const answer = app.stage(name).run(() => ask(worker, { gate, value: name }));
    clock.pass(takesMs);
    openGate(gate);
    expect(await answer).toBe(name);
    clock.pass(5);
  }
  expect(callsOf(recorder, "a")).toEqual({ [FILE]: { uses: 1, waitMs: 0, useMs: 10, inUse: 0 } });
  expect(callsOf(recorder, "b")).toEqual({ [FILE]: { uses: 1, waitMs: 0, useMs: 20, inUse: 0 } });
  expect(timesMs(stageRow(recorder, "a"))).toEqual({ use: 10 });
  expect(recorder.snapshot().losses).toEqual({});
});

test("answers are taken in turn, each for the stage that asked", async () => {
  const clock = new HandClock();
  const recorder = mainRecorder(clock);
  attach(recorder);
  const app = openPipeline(recorder, "app");
  const worker = newWorker();
  const heard: unknown[] = [];
  const gates = [closedGate(), closedGate()];
  worker.on("message", (value) => heard.push(value));
  app.stage("a").run(() => worker.postMessage({ gate: gates[0], value: 1 }));
  app.stage("b").run(() => worker.postMessage({ gate: gates[1], value: 2 }));
  for (const gate of gates) {
    const answered = once(worker, "message");
    clock.pass(10);
    openGate(gate);
    await answered;
  }
  expect(heard).toEqual([1, 2]);
  expect(callsOf(recorder, "a")).toMatchObject({ [FILE]: { uses: 1, useMs: 10 } });
  expect(callsOf(recorder, "b")).toMatchObject({ [FILE]: { uses: 1, useMs: 20 } });
});

test("capacity is the most workers that ran the file at a call of the stage: pools grow as they go", async () => {
  const recorder = mainRecorder();
  attach(recorder);
  const [first, second, third] = [newWorker(), newWorker(), newWorker()] as [Worker, Worker, Worker];
  await third.terminate();
  const stage = openPipeline(recorder, "app").stage("score");
  await stage.run(() => Promise.all([ask(first, { value: 1 }), ask(second, { value: 2 })]));
  const capacity = () => recorder.snapshot().resources.map((resource) => resource.capacity);
  expect(recorder.snapshot().resources).toMatchObject([{ name: FILE, kind: "pool", capacity: 2 }]);
  const [fourth, fifth] = [newWorker(), newWorker()] as [Worker, Worker];
  expect(capacity()).toEqual([2]);
  await stage.run(() => ask(fourth, { value: 3 }));
  expect(capacity()).toEqual([4]);
  await Promise.all([first.terminate(), fifth.terminate()]);
  await stage.run(() => ask(second, { value: 4 }));
  expect(capacity()).toEqual([4]);
});

test("messages of no stage are left alone, and so are their answers", async () => {
  const recorder = mainRecorder();
  attach(recorder);
  const worker = newWorker();
  expect(await ask(worker, { value: 1 })).toBe(1);
  expect(recorder.snapshot().resources).toEqual([]);
  const stage = openPipeline(recorder, "app").stage("score");
  expect(await stage.run(() => ask(worker, { value: 2 }))).toBe(2);
  expect(await ask(worker, { value: 3 })).toBe(3);
  expect(await stage.run(() => ask(worker, { value: 4 }))).toBe(4);
  expect(callsOf(recorder, "score")).toMatchObject({ [FILE]: { uses: 2, inUse: 0 } });
  expect(recorder.snapshot().losses).toEqual({});
});

test("more answers than questions end what is open, and the worker is not recorded any more", async () => {
  const recorder = mainRecorder();
  attach(recorder);
  const worker = newWorker();
  const stage = openPipeline(recorder, "app").stage("score");
  const both = new Promise<void>((resolve) => {
    let heard = 0;
    worker.on("message", () => {
      heard += 1;
      if (heard === 2) resolve();
    });
  });
  await stage.run(() => {
    worker.postMessage({ does: "answer twice", value: 1 });
    return both;
  });
  expect(recorder.snapshot().losses).toEqual({ abandoned: 1 });
  expect(await stage.run(() => ask(worker, { value: 2 }))).toBe(2);
  expect(callsOf(recorder, "score")).toMatchObject({ [FILE]: { uses: 1, inUse: 0 } });
  expect(recorder.snapshot().losses).toEqual({ abandoned: 2 });
});

/** How a worker may end while it is asked. */
const ends: readonly (readonly [string, (worker: Worker) => unknown])[] = [
  ["exits", (worker) => worker.postMessage({ does: "exit" })],
  ["throws", (worker) => worker.postMessage({ does: "throw" })],
  ["is terminated", (worker) => worker.terminate()],
];

test.for(ends)("questions to a worker that %s end with it, and are counted", async ([, end]) => {
  const clock = new HandClock();
  const recorder = mainRecorder(clock);
  attach(recorder);
  const worker = newWorker();
  const errors: unknown[] = [];
  worker.on("error", (error) => errors.push(error));
  const exit = new Promise((resolve) => worker.on("exit", resolve));
  const stage = openPipeline(recorder, "app").stage("score");
  const asked = stage.run(() => {
    worker.postMessage({ does: "say nothing" });
    worker.postMessage({ does: "say nothing" });
    return exit;
  });
  clock.pass(10);
  end(worker);
  await asked;
  expect(callsOf(recorder, "score")).toEqual({ [FILE]: { uses: 2, waitMs: 0, useMs: 20, inUse: 0 } });
  expect(recorder.snapshot().losses).toEqual({ abandoned: 2 });
  stage.run(() => worker.postMessage({ value: "too late" }));
  expect(callsOf(recorder, "score")).toMatchObject({ [FILE]: { uses: 2, inUse: 0 } });
});

test("a pool of Piscina's that is made within a stage is not taken for questions", async () => {
  const recorder = mainRecorder();
  attach(recorder);
  const stage = openPipeline(recorder, "app").stage("score");
  const filename = fileURLToPath(new URL("fixtures/gated-task.js", import.meta.url));
  await stage.run(async () => {
    const pool = new Piscina({ filename, minThreads: 1, maxThreads: 2 });
    expect(await Promise.all([1, 2, 3, 4].map((value) => pool.run({ value })))).toEqual([1, 2, 3, 4]);
    await pool.destroy();
  });
  expect(recorder.snapshot().resources).toEqual([]);
  expect(recorder.snapshot().losses).toEqual({});
});

test("a worker that is handed a port of its own talks there", async () => {
  const recorder = mainRecorder();
  attach(recorder);
  const worker = newWorker();
  const stage = openPipeline(recorder, "app").stage("score");
  const { port1, port2 } = new MessageChannel();
  await stage.run(() => {
    worker.postMessage({ does: "say nothing" });
    worker.postMessage({ does: "say nothing", port: port2 }, { transfer: [port2] } as never);
    return ask(worker, { value: 1 });
  });
  port1.close();
  expect(callsOf(recorder, "score")).toMatchObject({ [FILE]: { uses: 1, inUse: 0 } });
  expect(recorder.snapshot().losses).toEqual({ abandoned: 1 });
});

test("a message that cannot be cloned is no question", () => {
  const recorder = mainRecorder();
  attach(recorder);
  const worker = newWorker();
  const stage = openPipeline(recorder, "app").stage("score");
  expect(() => stage.run(() => worker.postMessage(() => {}))).toThrow("could not be cloned");
  expect(recorder.snapshot().resources).toEqual([]);
});

test("an application that looks at its workers sees what it saw before", async () => {
  const outside = () =>
    [workerThreads, Worker.prototype].map((target) =>
      Object.entries(Object.getOwnPropertyDescriptors(target)).map(([key, { value, get: _, set: __, ...flags }]) => [
        key,
        typeof value === "function" ? [value.name, value.length] : typeof value,
        flags,
      ]),
    );
  const sight = async () => {
    const worker = newWorker();
    await openPipeline(null, "app")
      .stage("score")
      .run(() => ask(worker, { value: 1 }));
    const { Worker: Base } = workerThreads;
    class Special extends Base {}
    const special = new Special(file);
    workers.push(special);
    return [
      worker instanceof Worker,
      worker.constructor === Worker,
      special instanceof Special && special instanceof Worker,
      Object.keys(worker),
      worker.eventNames().map((name) => [name, worker.listenerCount(name)]),
      createRequire(import.meta.url)("node:worker_threads").Worker === Worker,
      (() => {
        try {
          return new Worker("no path");
        } catch (error) {
          return String(error);
        }
      })(),
    ];
  };
  const bare = [outside(), await sight()];
  attach(mainRecorder());
  expect([outside(), await sight()]).toEqual(bare);
});

test("detaching restores, and attaching twice is attaching once", async () => {
  const state = () => [workerThreads, Worker.prototype].map((target) => Object.getOwnPropertyDescriptors(target));
  const bare = state();
  const recorder = mainRecorder();
  const attachment = attach(recorder);
  const attachedOnce = state();
  expect(attachedOnce).not.toEqual(bare);
  expect(attach(recorder)).toBe(attachment);
  expect(state()).toEqual(attachedOnce);
  const stage = openPipeline(recorder, "app").stage("score");
  const worker = newWorker();
  const gate = closedGate();
  const answer = stage.run(() => ask(worker, { gate, value: 1 }));
  attachment.detach();
  expect(state()).toEqual(bare);
  openGate(gate);
  expect(await answer).toBe(1);
  expect(Object.hasOwn(worker, "emit")).toBe(false);
  expect(await stage.run(() => ask(worker, { value: 2 }))).toBe(2);
  expect(callsOf(recorder, "score")).toMatchObject({ [FILE]: { uses: 1, inUse: 0 } });
});

test("someone else's patch that was made after ours goes on working when ours has gone", async () => {
  const { prototype } = Worker;
  const bare = Object.getOwnPropertyDescriptor(prototype, "postMessage") as PropertyDescriptor;
  const recorder = mainRecorder();
  const attachment = attach(recorder);
  const ours = prototype.postMessage;
  let calls = 0;
  prototype.postMessage = function (...args: unknown[]) {
    calls += 1;
    return Reflect.apply(ours, this, args);
  };
  try {
    const worker = newWorker();
    const stage = openPipeline(recorder, "app").stage("score");
    expect(await stage.run(() => ask(worker, { value: 1 }))).toBe(1);
    attachment.detach();
    expect(await stage.run(() => ask(worker, { value: 2 }))).toBe(2);
    expect(calls).toBe(2);
    expect(callsOf(recorder, "score")).toMatchObject({ [FILE]: { uses: 1, inUse: 0 } });
  } finally {
    Object.defineProperty(prototype, "postMessage", bare);
  }
});

test("a worker that does not let itself be heard is not recorded", async () => {
  const recorder = mainRecorder();
  attach(recorder);
  const stage = openPipeline(recorder, "app").stage("score");
  const worker = newWorker();
  Object.defineProperty(worker, "emit", { value: worker.emit });
  expect(await stage.run(() => ask(worker, { value: 1 }))).toBe(1);
  expect(callsOf(recorder, "score")).toMatchObject({ [FILE]: { useMs: 0, inUse: 0 } });
  expect(recorder.snapshot().losses).toEqual({ "not-patched": 1 });
});

test("a recorder that fails is invisible", async () => {
  const recorder = mainRecorder();
  const fails = () => {
    throw new Error("no recorder");
  };
  Object.defineProperty(recorder, "beginCall", { value: fails });
  attach(recorder);
  const stage = openPipeline(recorder, "app").stage("score");
  const worker = newWorker();
  expect(await stage.run(() => ask(worker, { value: 1 }))).toBe(1);
  expect(recorder.snapshot().losses).toEqual({ "not-patched": 1 });
});
