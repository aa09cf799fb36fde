import { once } from "node:events";
import workerThreads, { Worker } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { BlindThreads } from "../src/blind-threads.ts";

const file = new URL("fixtures/echo-worker.js", import.meta.url);

const workers: Worker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

/** A worker that has answered has reached its event loop. */
async function begun(worker: Worker): Promise<Worker> {
  workers.push(worker);
  worker.postMessage({ value: 1 });
  await once(worker, "message");
  return worker;
}

test("threads that never claimed a slab are counted by their file", async () => {
  const blind = new BlindThreads();
  try {
    const known = await begun(new Worker(file));
    const lost = await begun(new Worker(file));
    const claimed = new Set([known.threadId]);
    expect(blind.unreached(claimed)).toEqual([{ name: "echo-worker.js", threads: 1 }]);
    const evaluated = new Worker("", { eval: true });
    await once(evaluated, "exit");
    await lost.terminate();
    expect(blind.unreached(claimed)).toEqual([
      { name: "echo-worker.js", threads: 1 },
      { name: "eval", threads: 1 },
    ]);
  } finally {
    blind.detach();
  }
});

test("a thread that has recorded is none of them, also when another one has its slot", async () => {
  const blind = new BlindThreads();
  try {
    const { threadId } = await begun(new Worker(file));
    blind.recorded(threadId);
    expect(blind.unreached(new Set())).toEqual([]);
  } finally {
    blind.detach();
  }
});

test("where files are not to be named, the class of workers is left alone, and threads go by their own names", async () => {
  const before = workerThreads.Worker;
  const blind = new BlindThreads(false);
  try {
    expect(workerThreads.Worker).toBe(before);
    await begun(new Worker(file));
    await begun(new Worker(file, { name: "echo" }));
    const names = blind.unreached(new Set()).map(({ name }) => name);
    // A Node that keeps a thread's name to itself calls them both workers.
    expect(["worker", "worker,echo"]).toContain(names.join());
  } finally {
    blind.detach();
  }
});

test("a thread that is only beginning is not blind yet", async () => {
  const blind = new BlindThreads();
  try {
    const worker = new Worker(file);
    const begins = begun(worker);
    const told = new Promise((resolve) => process.once("worker", resolve));
    expect(await told).toBe(worker);
    expect(blind.unreached(new Set())).toEqual([]);
    await begins;
    expect(blind.unreached(new Set())).toEqual([{ name: "echo-worker.js", threads: 1 }]);
  } finally {
    blind.detach();
  }
});

test("detaching leaves no listener behind", () => {
  const before = process.listenerCount("worker");
  const blind = new BlindThreads();
  expect(process.listenerCount("worker")).toBe(before + 1);
  blind.detach();
  expect(process.listenerCount("worker")).toBe(before);
});
