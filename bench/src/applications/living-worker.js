import { parentPort, workerData } from "node:worker_threads";
import { pipelineOf } from "./few-items.js";

if (workerData.items > 0) await pipelineOf(workerData.items);
parentPort?.on("message", () => {
  globalThis.gc?.();
  parentPort?.postMessage("collected");
});
parentPort?.postMessage("ready");
