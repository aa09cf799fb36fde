import asyncHooks from "node:async_hooks";
import { syncBuiltinESMExports } from "node:module";
import { MessagePort } from "node:worker_threads";
import {
  type Attachment,
  attachOnce,
  type Integration,
  type Recorder,
  replaceMethods,
  type TraceContext,
  type Traces,
  textOfContext,
} from "@pinchpoint/probe";
import { CARRIED } from "./traced-messages.ts";

/** By which Tinypool's tasks, of a class that nobody else can reach, are known to Node. */
const TASK_TYPE = "Tinypool.Task";

/**
 * Makes each task of Tinypool's go to its worker with the trace in which `pool.run` was called, also where it queues and
 * another task's end posts it: as a property of Tinypool's own message, beside the task. To be called before Tinypool is
 * loaded; in its workers, `instrumentPiscinaTasks` goes on with the trace.
 */
export function instrumentTinypool(recorder: Recorder): Attachment {
  return attachOnce(TINYPOOL, asyncHooks, recorder);
}

const TINYPOOL: Integration<typeof asyncHooks> = {
  name: "tinypool",
  attach: (hooks, recorder) => {
    const tasks = new TinypoolTasks(recorder.traces);
    const construct = (target: typeof hooks.AsyncResource, args: unknown[], newTarget: unknown): object => {
      const resource = Reflect.construct(target, args, newTarget === watching ? target : (newTarget as typeof target));
      try {
        if (args[0] === TASK_TYPE) tasks.begins(resource);
      } catch {
        recorder.lose("not-patched");
      }
      return resource;
    };
    const watching = new Proxy(hooks.AsyncResource, { construct });
    const restore = replaceMethods([
      [hooks, "AsyncResource", () => watching],
      [watching.prototype, "constructor", () => watching],
    ]);
    syncBuiltinESMExports();
    return {
      detach: () => {
        tasks.detach();
        restore();
        syncBuiltinESMExports();
      },
    };
  },
};

/** A task is made when it is asked for; its `releaseTask` is called when it is posted, just before. */
class TinypoolTasks implements Attachment {
  readonly #traces: Traces;
  readonly #traceOf = new WeakMap<object, TraceContext | null>();
  #restore: (() => void) | null = null;
  #posted: object | null = null;

  constructor(traces: Traces) {
    this.#traces = traces;
  }

  /** @throws TypeError where a task is not as it is known */
  begins(task: object): void {
    if (this.#restore === null) this.#watch(Object.getPrototypeOf(task));
    this.#traceOf.set(task, this.#traces.outgoing());
  }

  detach(): void {
    this.#restore?.();
  }

  #watch(taskPrototype: object): void {
    const tasks = this;
    this.#restore = replaceMethods([
      [
        taskPrototype,
        "releaseTask",
        (original) =>
          function releaseTask(this: object, ...args) {
            tasks.#posted = this;
            return Reflect.apply(original, this, args);
          },
      ],
      [
        MessagePort.prototype,
        "postMessage",
        (original) =>
          function postMessage(...args) {
            if (tasks.#posted !== null) args[0] = tasks.#traced(args[0]);
            return Reflect.apply(original, this, args);
          },
      ],
    ]);
  }

  /** What Tinypool says of the task that it posts, with its trace; anything else as it is. */
  #traced(message: unknown): unknown {
    const task = this.#posted;
    this.#posted = null;
    const context = task === null ? null : (this.#traceOf.get(task) ?? null);
    if (task === null || context === null || typeof message !== "object" || message === null) return message;
    const { taskId, filename } = message as { readonly taskId?: unknown; readonly filename?: unknown };
    if (taskId !== Reflect.get(task, "taskId") || filename !== Reflect.get(task, "filename")) return message;
    return { ...message, [CARRIED]: textOfContext(context) };
  }
}
