import { ATTRIBUTE, type Attachment, goOn, type Recorder, replaceMethod, type Span } from "@pinchpoint/probe";
import { fileLabel } from "./file-label.ts";
import { type TaskReceiver, watchTaskMessages } from "./task-messages.ts";
import { CARRIED } from "./traced-messages.ts";

/**
 * Makes what a worker of Piscina's, or of Tinypool's, does for a task part of the trace of whoever asked for it, by a span
 * of its own. To be called in such a worker, before its first task.
 */
export function instrumentPiscinaTasks(recorder: Recorder, options: PiscinaTasksOptions = {}): Attachment {
  const spans = new TaskSpans(recorder, options);
  return watchTaskMessages(recorder, () => spans);
}

export interface PiscinaTasksOptions {
  /** Called before the first task that stands in a trace: from now on what tasks call is worth recording. */
  readonly onFirstTrace?: () => void;
}

/** The spans of the tasks that a worker of a pool has. */
export class TaskSpans implements TaskReceiver {
  readonly #recorder: Recorder;
  readonly #open = new Map<unknown, Span>();
  readonly #ports = new WeakSet<object>();

  #onFirstTrace: (() => void) | null;

  constructor(recorder: Recorder, { onFirstTrace = () => {} }: PiscinaTasksOptions = {}) {
    this.#recorder = recorder;
    this.#onFirstTrace = onFirstTrace;
  }

  received(port: unknown, message: object): void {
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
    this.#open.set(Reflect.get(message, "taskId"), span);
    this.#answersOn(port);
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
