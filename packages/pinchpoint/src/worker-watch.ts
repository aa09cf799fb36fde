import type { Worker } from "node:worker_threads";
import type { Recorder } from "@pinchpoint/probe";

/**
 * Keeps `living` at the worker threads that this thread has started, by `threadId`, and tells the recorder when one
 * ends. Node tells each thread of its own workers only, so nested ones are watched by their parents.
 */
export function watchWorkers(recorder: Recorder, living: Map<number, Worker>, onWorker: () => void = () => {}): void {
  process.on("worker", (worker) => {
    // A worker has forgotten its id by the time that it ends.
    const { threadId } = worker;
    living.set(threadId, worker);
    worker.once("exit", () => {
      living.delete(threadId);
      recorder.endThread(threadId);
    });
    onWorker();
  });
}
