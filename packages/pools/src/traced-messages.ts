import { type Method, replaceMethod } from "@pinchpoint/probe";

/** Beside what Piscina itself says to its worker of a task; the task, which is the application's, is left as it is. */
export const CARRIED = "pinchpoint.trace";

/** What Piscina says to its workers, with the trace that a task belongs to. */
export class TracedMessages {
  readonly #watched = new WeakSet<object>();
  #carried: string | null = null;

  /** A worker's port: what is posted to it within `with` carries a trace. */
  watch(port: unknown): void {
    if (typeof port !== "object" || port === null || this.#watched.has(port)) return;
    const messages = this;
    replaceMethod(port, "postMessage", (original) => {
      return function postMessage(...args) {
        const message: unknown = args[0];
        const carried = messages.#carried;
        if (carried !== null && typeof message === "object" && message !== null && "taskId" in message) {
          args[0] = { ...message, [CARRIED]: carried };
        }
        return Reflect.apply(original, this, args);
      };
    });
    this.#watched.add(port);
  }

  with(carried: string, post: Method, worker: unknown, args: unknown[]): unknown {
    this.#carried = carried;
    try {
      return Reflect.apply(post, worker, args);
    } finally {
      this.#carried = null;
    }
  }
}
