import { syncBuiltinESMExports } from "node:module";
import workerThreads, { MessagePort } from "node:worker_threads";
import {
  ATTRIBUTE,
  type Attachment,
  attachOnce,
  goOn,
  type Integration,
  type Recorder,
  replaceMethod,
  replaceMethods,
  type Span,
} from "@pinchpoint/probe";
import { fileLabel } from "./file-label.ts";
import { CARRIED } from "./traced-messages.ts";

/**
 * Makes what a worker of Piscina's, or of Tinypool's, does for a task part of the trace of whoever asked for it, by a span of its own. To be
 * called in such a worker, before its first task.
 */
export function instrumentPiscinaTasks(recorder: Recorder, options: PiscinaTasksOptions = {}): Attachment {
  return attachOnce(piscinaTasks(options), workerThreads, recorder);
}

export interface PiscinaTasksOptions {
  /** Called before the first task that stands in a trace: from now on what tasks call is worth recording. */
  readonly onFirstTrace?: () => void;
}

const piscinaTasks = ({ onFirstTrace = () => {} }: PiscinaTasksOptions): Integration<typeof workerThreads> => ({
  name: "piscina-tasks",
  attach: (threads, recorder) => {
    const tasks = new Tasks(recorder, onFirstTrace);
    // Piscina takes messages from its port itself where it waits by Atomics, and hears of them elsewhere.
    const restore = replaceMethods([
      [
        threads,
        "receiveMessageOnPort",
        (original) =>
          function receiveMessageOnPort(...args) {
            const received: unknown = Reflect.apply(original, this, args);
            if (received !== undefined) tasks.received(args[0], (received as { readonly message: unknown }).message);
            return received;
          },
      ],
      [
        MessagePort.prototype,
        "on",
        (original) =>
          function on(this: MessagePort, ...args) {
            // Before Piscina's own listener, and in the same turn.
            if (isOfPiscina(args)) {
              Reflect.apply(original, this, ["message", (message: unknown) => tasks.received(this, message)]);
            }
            return Reflect.apply(original, this, args);
          },
      ],
    ]);
    syncBuiltinESMExports();
    return {
      detach: () => {
        restore();
        syncBuiltinESMExports();
      },
    };
  },
});

/** Piscina binds its listener to the one port that a worker has; other ports are the application's. */
function isOfPiscina([event, listener]: readonly unknown[]): boolean {
  return event === "message" && typeof listener === "function" && listener.name === "bound onMessage";
}

class Tasks {
  readonly #recorder: Recorder;
  readonly #open = new Map<unknown, Span>();
  readonly #ports = new WeakSet<object>();

  #onFirstTrace: (() => void) | null;

  constructor(recorder: Recorder, onFirstTrace: () => void) {
    this.#recorder = recorder;
    this.#onFirstTrace = onFirstTrace;
  }

  /** Never throws: it runs where Piscina takes its messages. */
  received(port: unknown, message: unknown): void {
    try {
      if (typeof message !== "object" || message === null || !("taskId" in message)) return;
      const carried: unknown = Reflect.get(message, CARRIED);
      const { traces } = this.#recorder;
      if (!traces.isOn) return;
      const name = fileLabel(String(Reflect.get(message, "filename")));
      const start = {
        name,
        kind: "internal",
        atMs: this.#recorder.nowMs(),
        attributes: { [ATTRIBUTE.resource]: name },
      } as const;
      const span = goOn(traces, typeof carried === "string" ? carried : null, start);
      if (span === null) return;
      this.#onFirstTrace?.();
      this.#onFirstTrace = null;
      this.#open.set(message.taskId, span);
      this.#answersOn(port);
    } catch {
      this.#recorder.lose("span");
    }
  }

  #answersOn(port: unknown): void {
    if (typeof port !== "object" || port === null || this.#ports.has(port)) return;
    this.#ports.add(port);
    const answered = (message: unknown) => this.#answered(message);
    replaceMethod(port, "postMessage", (original) => {
      return function postMessage(...args) {
        answered(args[0]);
        return Reflect.apply(original, this, args);
      };
    });
  }

  #answered(message: unknown): void {
    const { taskId, error } = (message ?? {}) as { readonly taskId?: unknown; readonly error?: unknown };
    const span = this.#open.get(taskId);
    if (span === undefined) return;
    this.#open.delete(taskId);
    span.end(this.#recorder.nowMs(), error === null ? "ok" : "failed");
  }
}
