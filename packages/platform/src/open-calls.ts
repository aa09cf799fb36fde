import {
  type Recorder,
  type ResourceCall,
  type Span,
  type SpanAttributes,
  type TraceContext,
  tellContext,
  type USE,
  type WAIT,
} from "@pinchpoint/probe";

/** A call that is no request yet, and whose it is. */
export interface BegunCall {
  readonly resource: ResourceCall | null;
  readonly parent: TraceContext | null;
}

/** One call: what a stage waits for, where a stage made it; and a span, where it stands in a trace. */
export interface Call {
  readonly resource: ResourceCall | null;
  readonly span: Span | null;
}

/** What a request tells of itself, and how to tell the one that it calls to which trace it belongs. */
export interface Outgoing {
  readonly method: string;
  readonly attributes: SpanAttributes;
  readonly hasHeader: (name: string) => boolean;
  /** Null where its headers are on their way already. */
  readonly addHeader: ((name: string, value: string) => void) | null;
}

/** The calls under way that belong to stages, by the library's own request objects. */
export class OpenCalls {
  readonly #recorder: Recorder;
  /** Weak: what a library forgets without telling must not be kept by us. */
  readonly #calls = new WeakMap<object, Call>();
  readonly #refused = new WeakSet<object>();
  #open = 0;
  #onLast: (() => void) | null = null;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** The running code's call of something; null where it belongs to no stage, and to no trace. */
  begin(name: string, state: typeof WAIT | typeof USE): BegunCall | null {
    const recorder = this.#recorder;
    const resource = recorder.beginCall({ name, kind: "service", capacity: null }, state, recorder.nowMs());
    const parent = recorder.traces.active();
    return resource === null && parent === null ? null : { resource, parent };
  }

  /** A call has become a request. Where somebody else has told the receiver of a trace, the span is theirs. */
  keep(request: object, begun: BegunCall | null, outgoing: () => Outgoing): void {
    if (begun === null) return;
    const { resource } = begun;
    const span = this.#span(begun.parent, outgoing);
    if (resource === null && span === null) return;
    this.#open += 1;
    this.#calls.set(request, { resource, span });
  }

  has(request: object): boolean {
    return this.#calls.has(request);
  }

  /** It has its connection. */
  uses(request: object): void {
    this.#calls.get(request)?.resource?.uses(this.#recorder.nowMs());
  }

  /** The status of its answer; from 400 on it has failed, whatever the application makes of it. */
  answers(request: object, status: unknown): void {
    const call = this.#calls.get(request);
    if (call === undefined || typeof status !== "number") return;
    call.span?.set({ "http.response.status_code": status });
    if (status >= 400) this.#refused.add(request);
  }

  ends(request: object, isAnswered: boolean): void {
    const call = this.#calls.get(request);
    if (call === undefined) return;
    this.#calls.delete(request);
    this.#open -= 1;
    const atMs = this.#recorder.nowMs();
    const outcome = isAnswered && !this.#refused.has(request) ? "ok" : "failed";
    call.resource?.end(atMs, outcome);
    call.span?.end(atMs, outcome);
    if (this.#open === 0) this.#onLast?.();
  }

  /** Calls back when no call is under way: at once, or after the last one's end. */
  afterLast(callback: () => void): void {
    this.#onLast = callback;
    if (this.#open === 0) callback();
  }

  /** A call that never became a request. */
  finish({ resource }: BegunCall, outcome: "failed" | "unknown"): void {
    resource?.end(this.#recorder.nowMs(), outcome);
  }

  #span(parent: TraceContext | null, outgoing: () => Outgoing): Span | null {
    if (parent === null) return null;
    const { method, attributes, hasHeader, addHeader } = outgoing();
    if (addHeader === null || tellContext(hasHeader)) return null;
    const { traces } = this.#recorder;
    const told = { "http.request.method": method, ...attributes };
    const span = traces.child({ name: method, kind: "client", atMs: this.#recorder.nowMs(), attributes: told }, parent);
    for (const [name, value] of span?.headers() ?? []) addHeader(name, value);
    return span;
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
