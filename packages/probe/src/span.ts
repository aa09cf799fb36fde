import type { TraceContext } from "./trace-context.ts";
import type { SpanAttributes, SpanHandle, SpanOutcome, Tracing } from "./tracing.ts";

/** What a hand-over or a call is in a trace; ends once, and never throws of its own. */
export interface Span {
  /** Null where it belongs to no trace: nor does then what it begins. */
  readonly context: TraceContext | null;
  /** What goes with its items and tasks: its context, or one that says that nothing of it is to be kept; null = nothing. */
  readonly carried: TraceContext | null;
  headers(): (readonly [string, string])[];
  set(attributes: SpanAttributes): void;
  /** As of `SpanHandle`. */
  end(atMs: number, outcome: SpanOutcome, serviceMs?: number): void;
  within<T>(run: () => T): T;
}

/** A span that is kept. */
export class KeptSpan implements Span {
  readonly context: TraceContext;
  readonly carried: TraceContext;
  readonly #onFailure: () => void;
  #handle: SpanHandle;
  #isEnded = false;

  constructor(handle: SpanHandle, onFailure: () => void) {
    this.context = handle.context;
    this.carried = handle.context;
    this.#handle = handle;
    this.#onFailure = onFailure;
  }

  headers(): (readonly [string, string])[] {
    try {
      return this.#handle.headers();
    } catch {
      this.#onFailure();
      return [];
    }
  }

  set(attributes: SpanAttributes): void {
    if (!this.#isEnded) this.#guarded(() => this.#handle.set(attributes));
  }

  end(atMs: number, outcome: SpanOutcome, serviceMs?: number): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#guarded(() => this.#handle.end(atMs, outcome, serviceMs));
  }

  within<T>(run: () => T): T {
    return ranWithin((inner) => this.#handle.within(inner), run, this.#onFailure);
  }

  #guarded(act: () => void): void {
    try {
      act();
    } catch {
      this.#onFailure();
    }
  }
}

/** What is in a trace, or in none, without a span of its own that could be told anything. */
export class UntoldSpan implements Span {
  readonly context: TraceContext | null;
  readonly carried: TraceContext | null;

  constructor(context: TraceContext | null, carried: TraceContext | null = context) {
    this.context = context;
    this.carried = carried;
  }

  headers(): [] {
    return [];
  }

  set(): void {}

  end(): void {}

  within<T>(run: () => T): T {
    return run();
  }
}

/** A hand-over of which no span is kept, and of what it begins neither. */
export class NoSpan extends UntoldSpan {
  readonly #tracing: Tracing;
  readonly #onFailure: () => void;

  constructor(tracing: Tracing, onFailure: () => void, carried: TraceContext | null = null) {
    super(null, carried);
    this.#tracing = tracing;
    this.#onFailure = onFailure;
  }

  override within<T>(run: () => T): T {
    return ranWithin((inner) => this.#tracing.outside(inner), run, this.#onFailure);
  }
}

/** What stands for a span of another thread, to whose trace the running code belongs: it ends there. */
export class ArrivedSpan extends UntoldSpan {
  readonly #context: TraceContext;
  readonly #tracing: Tracing;
  readonly #onFailure: () => void;

  constructor(context: TraceContext, tracing: Tracing, onFailure: () => void) {
    super(context);
    this.#context = context;
    this.#tracing = tracing;
    this.#onFailure = onFailure;
  }

  override within<T>(run: () => T): T {
    return ranWithin((inner) => this.#tracing.inside(this.#context, inner), run, this.#onFailure);
  }
}

/** Runs a function once, in a context that somebody else makes: what fails there is not the function's. */
function ranWithin<T>(within: (inner: () => T) => T, run: () => T, onFailure: () => void): T {
  let hasBegun = false;
  let ran: { readonly value: T } | null = null;
  try {
    within(() => {
      hasBegun = true;
      const value = run();
      ran = { value };
      return value;
    });
  } catch (error) {
    if (hasBegun && ran === null) throw error;
    onFailure();
  }
  return ran === null ? run() : (ran as { readonly value: T }).value;
}
