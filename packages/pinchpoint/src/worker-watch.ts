import type { Worker } from "node:worker_threads";
import type { Recorder } from "@pinchpoint/probe";
import type { NestedThreads } from "./nested-threads.ts";

export interface WorkerWatch {
  readonly began: (worker: Worker, threadId: number) => void;
  readonly ended: (threadId: number, hasRecorded: boolean) => void;
}

/**
 * Keeps `living` at the worker threads that this thread has started, by `threadId`, and tells the recorder when one
 * ends. Node tells each thread of its own workers only, so nested ones are watched by their parents.
 *
 * @param recorder - asked for when one begins or ends; null where there can be none
 */
export function watchWorkers(recorder: () => Recorder | null, living: Map<number, Worker>, watch: WorkerWatch): void {
  process.on("worker", (worker) => {
    // A worker has forgotten its id by the time that it ends.
    const { threadId } = worker;
    living.set(threadId, worker);
    worker.once("exit", () => {
      living.delete(threadId);
      watch.ended(threadId, recorder()?.endThread(threadId) ?? false);
    });
    watch.began(worker, threadId);
  });
}

/** How long a thread that runs may not have come to its preloads: where they are modules, it runs before them. */
const REACHED_WITHIN_MS = 1000;

/**
 * Tells of the worker threads that this worker thread has started and that no preload reached, by the file of this one.
 *
 * @param thread - what this one is called
 */
export function reachWatch(recorder: () => Recorder | null, nested: NestedThreads, thread: () => string): WorkerWatch {
  const unreached = new Set<number>();
  const isReached = (threadId: number) => recorder()?.hasThread(threadId) ?? true;
  const tell = (threadId: number) => {
    if (unreached.delete(threadId)) nested.tell(`a worker of ${thread()}`);
  };
  return {
    began: (worker, threadId) => {
      unreached.add(threadId);
      // Not imported: an import would load its promises, in every worker thread.
      const { setTimeout } = process.getBuiltinModule("node:timers");
      worker.once("online", () => {
        if (isReached(threadId)) unreached.delete(threadId);
        else setTimeout(() => !isReached(threadId) && tell(threadId), REACHED_WITHIN_MS).unref();
      });
    },
    ended: (threadId, hasRecorded) => {
      if (hasRecorded) unreached.delete(threadId);
      tell(threadId);
    },
  };
}
