import workerThreads, { MessagePort, type Worker } from "node:worker_threads";
import {
  type Attachment,
  attachOnce,
  type Integration,
  type Recorder,
  replaceMethod,
  runningWork,
  USE,
} from "@pinchpoint/probe";
import { Conversation } from "./conversation.ts";
import { hasEnded, WorkerFiles } from "./worker-files.ts";

/**
 * Records what stages ask worker threads by `worker.postMessage`: each message is a call of the worker's file, until the
 * worker's next message, in turn. Messages of no stage are left alone, and so are workers that are handed a port of their
 * own, as libraries do. Workers must be made after this to be known by their files.
 */
export function instrumentWorkerThreads(recorder: Recorder): Attachment {
  return attachOnce(WORKER_THREADS, workerThreads, recorder);
}

const WORKER_THREADS: Integration<typeof workerThreads> = {
  name: "worker-threads",
  attach: ({ Worker: { prototype } }, recorder) => {
    const files = new WorkerFiles();
    const switchboard = new Switchboard(recorder, files);
    const restore = replaceMethod(prototype, "postMessage", (original) => {
      return function postMessage(this: Worker, ...args) {
        const atMs = runningWork() === null ? 0 : recorder.nowMs();
        const returned = Reflect.apply(original, this, args);
        // Only now: what cannot be posted is never answered.
        try {
          switchboard.posted(this, args[1], atMs);
        } catch {
          recorder.lose("not-patched");
        }
        return returned;
      };
    });
    return {
      detach: () => {
        switchboard.isAttached = false;
        restore();
        files.detach();
      },
    };
  },
};

/** Knows whom stages have asked something. */
class Switchboard {
  isAttached = true;
  readonly #recorder: Recorder;
  readonly #files: WorkerFiles;
  readonly #conversations = new WeakMap<Worker, Conversation>();
  /** Workers that talk through ports of their own. */
  readonly #elsewhere = new WeakSet<Worker>();

  constructor(recorder: Recorder, files: WorkerFiles) {
    this.#recorder = recorder;
    this.#files = files;
  }

  posted(worker: Worker, transfer: unknown, atMs: number): void {
    if (!this.isAttached || this.#elsewhere.has(worker)) return;
    const known = this.#conversations.get(worker);
    if (handsOverPort(transfer)) {
      this.#elsewhere.add(worker);
      known?.loses();
    } else if (runningWork() === null) known?.overhears();
    else this.#asked(worker, known ?? null, atMs);
  }

  #asked(worker: Worker, known: Conversation | null, atMs: number): void {
    if (hasEnded(worker)) return;
    if (known?.isLost) {
      this.#recorder.lose("abandoned");
      return;
    }
    const name = this.#files.label(worker);
    const capacity = this.#files.living(name);
    const question = this.#recorder.beginCall({ name, kind: "pool", capacity }, USE, atMs);
    if (question === null) {
      known?.overhears();
      return;
    }
    try {
      (known ?? this.#listen(worker)).asks(question);
    } catch (error) {
      // A worker that cannot be heard: its answer would never come.
      question.end(atMs);
      throw error;
    }
  }

  /** Hears what the worker says without being one of its listeners, which the application could count. */
  #listen(worker: Worker): Conversation {
    const conversation = new Conversation(this.#recorder);
    const isOver = (event: unknown) =>
      event === "exit" || conversation.isLost || (!this.isAttached && conversation.isQuiet);
    const restore = replaceMethod(worker, "emit", (original) => {
      return function emit(...args) {
        const event: unknown = args[0];
        if (event === "message" || event === "messageerror") conversation.answers();
        else if (event === "exit") conversation.ends();
        if (isOver(event)) restore();
        return Reflect.apply(original, this, args);
      };
    });
    this.#conversations.set(worker, conversation);
    return conversation;
  }
}

/** Whether a message hands over a port: what is said from then on goes through that. */
function handsOverPort(transfer: unknown): boolean {
  const list: unknown = Array.isArray(transfer) ? transfer : (transfer as { transfer?: unknown } | null)?.transfer;
  return Array.isArray(list) && list.some((one) => one instanceof MessagePort);
}
