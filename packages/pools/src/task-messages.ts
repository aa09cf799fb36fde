import { syncBuiltinESMExports } from "node:module";
import workerThreads, { MessagePort } from "node:worker_threads";
import {
  type AnyRecorder,
  type Attachment,
  attachOnce,
  type Integration,
  replaceMethods,
} from "@pinchpoint/probe/attach";

/** Who makes spans of tasks. What it throws is counted as `span`. */
export interface TaskReceiver {
  received(port: unknown, message: object): void;
}

/**
 * Sees the tasks that come to a worker of Piscina's, or of Tinypool's. To be called in such a worker, before its first task.
 *
 * @param receiver - asked for at each task; null where nobody keeps spans
 */
export function watchTaskMessages(recorder: AnyRecorder, receiver: () => TaskReceiver | null): Attachment {
  return attachOnce(taskMessages(receiver), workerThreads, recorder);
}

const taskMessages = (receiver: () => TaskReceiver | null): Integration<typeof workerThreads, AnyRecorder> => ({
  name: "task-messages",
  attach: (threads, recorder) => {
    const received = (port: unknown, message: unknown) => {
      try {
        if (typeof message === "object" && message !== null && "taskId" in message) receiver()?.received(port, message);
      } catch {
        recorder.lose("span");
      }
    };
    // Piscina takes messages from its port itself where it waits by Atomics, and hears of them elsewhere.
    const restore = replaceMethods([
      [
        threads,
        "receiveMessageOnPort",
        (original) =>
          function receiveMessageOnPort(...args) {
            const taken: unknown = Reflect.apply(original, this, args);
            if (taken !== undefined) received(args[0], (taken as { readonly message: unknown }).message);
            return taken;
          },
      ],
      [
        MessagePort.prototype,
        "on",
        (original) =>
          function on(this: MessagePort, ...args) {
            // Before Piscina's own listener, and in the same turn.
            if (isOfPiscina(args)) {
              Reflect.apply(original, this, ["message", (message: unknown) => received(this, message)]);
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
