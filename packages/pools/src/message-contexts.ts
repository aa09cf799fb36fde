import { syncBuiltinESMExports } from "node:module";
import workerThreads, { MessagePort, parentPort, threadId, type Worker } from "node:worker_threads";
import {
  type Attachment,
  MessageLanes,
  type Recorder,
  replaceMethod,
  replaceMethods,
  runCarried,
} from "@pinchpoint/probe";
import { MessageLink } from "./message-link.ts";

/** By which Node's own code hands what has come at a port to whoever listens: `(message, type, undefined)`. */
const DISPATCH = Symbol.for("nodejs.internal.kHybridDispatch");

/**
 * Makes what a message begins part of the trace in which it was posted, between a worker thread and whoever started it:
 * `worker.postMessage` and `parentPort.on("message")`, and back. The messages are left as they are; what goes with them
 * goes by their numbers through shared memory (`MessageLanes`). Listeners stay the application's own: Node's own way of
 * calling them is what is replaced, on these ports alone.
 */
export class MessageContexts implements Attachment {
  readonly #recorder: Recorder;
  readonly #lanes: MessageLanes;
  readonly #lineage: readonly number[];
  readonly #links = new WeakMap<object, MessageLink>();
  readonly #linkOf = new Map<number, MessageLink>();
  readonly #restores: (() => void)[] = [];

  /**
   * To be made before the first message: in a worker thread by its preload, elsewhere before the first worker is made.
   *
   * @param lineage - `threadId` of the worker threads that this one descends from, that of the main thread's first
   * @throws TypeError where memory is not shared, or Node's methods cannot be replaced
   */
  constructor(recorder: Recorder, lineage: readonly number[] = []) {
    this.#recorder = recorder;
    const { messages } = recorder.share;
    if (messages === null) throw new TypeError("memory cannot be shared with worker threads");
    this.#lanes = new MessageLanes(messages);
    this.#lineage = lineage;
    this.#watchNode();
    // Whoever listens already may have got something.
    if (parentPort !== null && parentPort.listenerCount("message") === 0) {
      this.#watchPort(parentPort, { workerId: threadId, topId: lineage[0] ?? threadId, isWorker: true });
    }
  }

  /** This thread has made a worker just now, and nothing is posted to it yet. Never throws. */
  watch(worker: Worker): void {
    try {
      // Node's own, which loads modules by other ways of receiving.
      if ("receiveMessageSync" in worker) return;
      const key = Object.getOwnPropertySymbols(worker).find(({ description }) => description === "kPublicPort");
      const port: unknown = key === undefined ? undefined : Reflect.get(worker, key);
      if (!(port instanceof MessagePort)) throw new TypeError("a worker has no port that could be watched");
      const { threadId: workerId } = worker;
      const topId = this.#lineage[0] ?? (parentPort === null ? workerId : threadId);
      this.#linkOf.set(workerId, this.#watchPort(port, { workerId, topId, isWorker: false }));
    } catch {
      this.#recorder.lose("not-patched");
    }
  }

  /** A worker of this thread has ended. What nobody has taken of its messages' contexts is lost. */
  ended(workerId: number): void {
    this.#linkOf.get(workerId)?.ends();
    this.#linkOf.delete(workerId);
    for (let left = this.#lanes.release(workerId); left > 0; left--) this.#lose();
  }

  detach(): void {
    for (const restore of this.#restores.splice(0).reverse()) restore();
  }

  readonly #lose = (): void => this.#recorder.lose("message-context");

  #watchNode(): void {
    const links = this.#links;
    const restore = replaceMethods([
      [
        MessagePort.prototype,
        "postMessage",
        (original) =>
          function postMessage(this: MessagePort, ...args) {
            const link = links.get(this);
            if (link === undefined) return Reflect.apply(original, this, args);
            let isPosted = false;
            link.posts();
            // Not caught and thrown again: Node would print our line in the place of the application's.
            try {
              const returned: unknown = Reflect.apply(original, this, args);
              isPosted = true;
              return returned;
            } finally {
              link.hasPosted(isPosted);
            }
          },
      ],
      [
        workerThreads,
        "receiveMessageOnPort",
        (original) => {
          const lose = this.#lose;
          return function receiveMessageOnPort(...args) {
            const received: unknown = Reflect.apply(original, this, args);
            // There is no code of which one could say that the message has begun it.
            if (received !== undefined && links.get(args[0])?.receives()) lose();
            return received;
          };
        },
      ],
    ]);
    syncBuiltinESMExports();
    this.#restores.push(() => {
      restore();
      syncBuiltinESMExports();
    });
  }

  #watchPort(port: MessagePort, ids: { workerId: number; topId: number; isWorker: boolean }): MessageLink {
    const { traces } = this.#recorder;
    const link = new MessageLink({ lanes: this.#lanes, traces, ...ids, onLoss: this.#lose });
    const restore = replaceMethod(port, DISPATCH, (original) => {
      return function dispatch(this: MessagePort, ...args) {
        // What the application emits or dispatches itself comes with other arguments.
        const context = args.length === 3 && args[2] === undefined ? link.receives() : null;
        if (context === null) return Reflect.apply(original, this, args);
        return runCarried(traces, context, () => Reflect.apply(original, this, args));
      };
    });
    this.#links.set(port, link);
    this.#restores.push(restore);
    return link;
  }
}
