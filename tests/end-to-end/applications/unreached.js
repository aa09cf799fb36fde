// Has a worker thread that no preload reaches, because its environment is its own, and a pipeline beside it.
import { once } from "node:events";
import { Worker } from "node:worker_threads";

const worker = new Worker("require('node:worker_threads').parentPort.once('message', () => {})", {
  eval: true,
  env: {},
});
await once(worker, "online");
await import("./etl.js");
worker.postMessage("end");
await once(worker, "exit");
