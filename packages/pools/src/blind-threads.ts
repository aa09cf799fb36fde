import type { Worker } from "node:worker_threads";
import type { Attachment } from "@pinchpoint/probe";
import { hasEnded, threadLabel, WorkerFiles } from "./worker-files.ts";

/** Threads that record nothing. */
export interface BlindThread {
  /** The file that they run, or their own name. */
  readonly name: string;
  readonly threads: number;
}

interface Started {
  readonly name: string;
  readonly worker: WeakRef<Worker>;
}

/**
 * The worker threads that this thread has started and that no preload reached: those with an `env` or an `execArgv` of
 * their own, or for which there was no slab. Threads that workers start are not among them; Node tells only their parents.
 */
export class BlindThreads implements Attachment {
  readonly #files: WorkerFiles | null;
  readonly #started = new Map<number, Started>();
  readonly #onWorker = (worker: Worker): void => {
    this.#started.set(worker.threadId, {
      name: this.#files?.label(worker) ?? threadLabel(worker),
      worker: new WeakRef(worker),
    });
  };

  /** @param namesFiles - false leaves the class of workers alone, so that threads go by their own names */
  constructor(namesFiles = true) {
    this.#files = namesFiles ? new WorkerFiles() : null;
    process.on("worker", this.#onWorker);
  }

  detach(): void {
    process.off("worker", this.#onWorker);
    this.#files?.detach();
  }

  /** A thread has recorded, whether or not it is among those that are claimed. */
  recorded(threadId: number): void {
    this.#started.delete(threadId);
  }

  /**
   * @param claimed - `threadId` of the workers that have slots
   * @returns those that should have by now, by name; a thread that has not reached its event loop yet may still do so
   */
  unreached(claimed: ReadonlySet<number>): readonly BlindThread[] {
    const threadsOf = new Map<string, number>();
    for (const [threadId, { name, worker }] of this.#started) {
      if (claimed.has(threadId)) this.#started.delete(threadId);
      else if (hasBegun(worker.deref())) threadsOf.set(name, (threadsOf.get(name) ?? 0) + 1);
    }
    return [...threadsOf].map(([name, threads]) => ({ name, threads }));
  }
}

/** Whether a thread is past its preloads: it has reached its event loop, or its end. */
function hasBegun(worker: Worker | undefined): boolean {
  return worker === undefined || hasEnded(worker) || worker.performance.eventLoopUtilization().active > 0;
}
