import type { Recorder, ResourceCall, USE, WAIT } from "@pinchpoint/probe";

/** The calls under way that belong to stages, by the library's own request objects. */
export class OpenCalls {
  readonly #recorder: Recorder;
  /** Weak: what a library forgets without telling must not be kept by us. */
  readonly #calls = new WeakMap<object, ResourceCall>();
  readonly #refused = new WeakSet<object>();
  #open = 0;
  #onLast: (() => void) | null = null;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** The running code's call of something; null where it belongs to no stage. */
  begin(name: string, state: typeof WAIT | typeof USE): ResourceCall | null {
    return this.#recorder.beginCall({ name, kind: "service", capacity: null }, state, this.#recorder.nowMs());
  }

  keep(request: object, call: ResourceCall | null): void {
    if (call === null) return;
    this.#open += 1;
    this.#calls.set(request, call);
  }

  has(request: object): boolean {
    return this.#calls.has(request);
  }

  /** It has its connection. */
  uses(request: object): void {
    this.#calls.get(request)?.uses(this.#recorder.nowMs());
  }

  /** The status of its answer; from 400 on it has failed, whatever the application makes of it. */
  answers(request: object, status: unknown): void {
    if (typeof status === "number" && status >= 400 && this.#calls.has(request)) this.#refused.add(request);
  }

  ends(request: object, isAnswered: boolean): void {
    const call = this.#calls.get(request);
    if (call === undefined) return;
    this.#calls.delete(request);
    this.#open -= 1;
    call.end(this.#recorder.nowMs(), isAnswered && !this.#refused.has(request) ? "ok" : "failed");
    if (this.#open === 0) this.#onLast?.();
  }

  /** Calls back when no call is under way: at once, or after the last one's end. */
  afterLast(callback: () => void): void {
    this.#onLast = callback;
    if (this.#open === 0) callback();
  }

  /** A call that never became a request. */
  finish(call: ResourceCall, outcome: "failed" | "unknown"): void {
    call.end(this.#recorder.nowMs(), outcome);
  }

  /** Runs what records in the midst of the application's own call, which it must not break. */
  guarded<Args extends readonly unknown[]>(record: (...args: Args) => void): (...args: Args) => void {
    return (...args) => {
      try {
        record(...args);
      } catch {
        try {
          this.#recorder.lose("not-patched");
        } catch {
          // A recorder that cannot even count its losses is invisible too.
        }
      }
    };
  }
}
