// Tells which files of Pinchpoint's and which of Node's modules its main thread and a worker thread have loaded: as they
// begin, and once the worker thread has joined streams; and those of a pool's thread that has a task.
import { once } from "node:events";
import { Readable, Writable } from "node:stream";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import loaded from "./loaded-files.js";

if (isMainThread) {
  const main = loaded();
  const worker = new Worker(new URL(import.meta.url));
  const [[idle, joined]] = await once(worker, "message");
  // Here alone: it loads more of Node's.
  const { Piscina } = await import("piscina");
  const pool = new Piscina({ filename: new URL("./loaded-in-task.js", import.meta.url).href, maxThreads: 1 });
  const task = await pool.run(null);
  console.log(JSON.stringify({ main, idle, joined, task }));
  await pool.destroy();
} else {
  const idle = loaded();
  const store = Readable.from([1]).pipe(new Writable({ objectMode: true, write: (_item, _encoding, done) => done() }));
  await once(store, "finish");
  parentPort?.postMessage([idle, loaded()]);
}
