// Worker threads that are started one after the other, and live: node living-workers.js WORKERS ITEMS
// Tells what each took. The first one is not counted, with what is loaded once for all of them.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { pipelineOf } from "./few-items.js";

const [workers = 0, items = 0] = process.argv.slice(2).map(Number);
const file = new URL("./living-worker.js", import.meta.url);
/** @type {Worker[]} */
const living = [];

async function startWorker() {
  const worker = new Worker(file, { workerData: { items } });
  await once(worker, "message");
  living.push(worker);
}

/** What has become garbage on the way is not what a thread takes. */
async function collectGarbage() {
  for (const worker of living) {
    worker.postMessage("collect");
    await once(worker, "message");
  }
  globalThis.gc?.();
}

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

// So that the process is one that records, also where its workers do nothing.
await pipelineOf(1);
await startWorker();
await collectGarbage();
const [beforeBytes, beforeMs] = [process.memoryUsage.rss(), cpuMs()];
for (let at = 0; at < workers; at++) await startWorker();
const takenMs = cpuMs() - beforeMs;
await collectGarbage();
const takenBytes = process.memoryUsage.rss() - beforeBytes;
console.log(JSON.stringify({ cpuMs: takenMs / workers, bytes: takenBytes / workers }));
process.stdin.once("data", () => process.exit(0));
