import type { Worker } from "node:worker_threads";
import type { Recorder } from "@pinchpoint/probe";
import type { NestedThreads } from "./nested-threads.ts";

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

/**
 * Tells of the worker threads that this worker thread has started and that no preload reached, by the file of this one.
 *
 * @param thread - what this one is called
 */
export function watchReach(recorder: Recorder, nested: NestedThreads, thread: () => string): void {
  process.on("worker", (worker) => {
    // A worker has forgotten its id by the time that it ends.
    const { threadId } = worker;
    // It comes when the preloads have run.
    worker.once("online", () => {
      if (!recorder.hasThread(threadId)) nested.tell(`a worker of ${thread()}`);
    });
  });
}
