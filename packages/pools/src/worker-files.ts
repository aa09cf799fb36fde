import { syncBuiltinESMExports } from "node:module";
import workerThreads, { type Worker } from "node:worker_threads";
import { type Attachment, replaceMethods } from "@pinchpoint/probe";
import { fileLabel } from "./file-label.ts";

/** Node's own name for a worker that was given none. */
const NAMELESS = new Set<unknown>(["", "WorkerThread", null, undefined]);

/**
 * Which file each worker thread runs. A `Worker` does not tell once it is made, so that the class is seen at its
 * construction; workers that a copy of the class made which was taken before go by their thread's name.
 */
export class WorkerFiles implements Attachment {
  readonly #labels = new WeakMap<Worker, string>();
  readonly #workers = new Map<string, Set<Worker>>();
  readonly #restore: () => void;

  constructor() {
    const construct = (target: typeof Worker, args: unknown[], newTarget: unknown): Worker => {
      const made = newTarget === watching ? target : (newTarget as typeof Worker);
      const worker = Reflect.construct(target, args, made) as Worker;
      this.#add(worker, args);
      return worker;
    };
    const watching = new Proxy(workerThreads.Worker, { construct });
    const restore = replaceMethods([
      [workerThreads, "Worker", () => watching],
      [watching.prototype, "constructor", () => watching],
    ]);
    syncBuiltinESMExports();
    this.#restore = () => {
      restore();
      syncBuiltinESMExports();
    };
  }

  detach(): void {
    this.#restore();
  }

  /** What a worker is called: by its file where that is known. */
  label(worker: Worker): string {
    return this.#labels.get(worker) ?? threadLabel(worker);
  }

  /** How many workers run a file now; null where that is not known. */
  living(label: string): number | null {
    const workers = this.#workers.get(label);
    if (workers === undefined) return null;
    forgetEnded(workers);
    return workers.size;
  }

  #add(worker: Worker, [file, options]: readonly unknown[]): void {
    try {
      const label = labelOf(file, options);
      this.#labels.set(worker, label);
      const workers = this.#workers.get(label) ?? new Set();
      this.#workers.set(label, workers);
      forgetEnded(workers);
      workers.add(worker);
    } catch {
      // It goes by its thread's name then.
    }
  }
}

/** The thread's own name. */
export function threadLabel(worker: Worker): string {
  const { threadName } = worker as { readonly threadName?: string | null };
  return NAMELESS.has(threadName) ? "worker" : (threadName as string);
}

function labelOf(file: unknown, options: unknown): string {
  if ((options as { readonly eval?: unknown } | null | undefined)?.eval) return "eval";
  const text = String(file);
  return text.startsWith("data:") ? "data:" : fileLabel(text);
}

function forgetEnded(workers: Set<Worker>): void {
  for (const worker of workers) if (hasEnded(worker)) workers.delete(worker);
}

/** Node takes its id from a worker that has ended. */
export function hasEnded(worker: Worker): boolean {
  return worker.threadId === -1;
}
