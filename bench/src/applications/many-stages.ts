// A thread that opens stages and records a unit of each: one at once, the others when it is told to.
import { parentPort, workerData } from "node:worker_threads";
import { openPipeline, Recorder, type SlabShare, systemClock } from "@pinchpoint/probe";

/** What the thread is given. */
export interface ManyStages {
  readonly share: SlabShare;
  readonly workerId: number;
  readonly stages: number;
}

const { share, workerId, stages } = workerData as ManyStages;
const recorder = Recorder.forWorker(share, systemClock(), { name: `worker ${workerId}`, osThreadId: null, workerId });
if (recorder === null) throw new Error("there was no slot for a thread");
const pipeline = openPipeline(recorder, "bench");
record(0);
tell();
parentPort?.once("message", () => {
  for (let nth = 1; nth < stages; nth++) record(nth);
  tell();
});

function record(nth: number): void {
  pipeline.stage(`stage ${nth}`).run(() => {});
}

/** Garbage is not what a stage takes. */
function tell(): void {
  globalThis.gc?.();
  parentPort?.postMessage("recorded");
}
