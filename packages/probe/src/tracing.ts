import type { Headers } from "./propagation.ts";
import type { TraceContext } from "./trace-context.ts";

/** Few, and nothing secret or personal. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

export type SpanKind = "internal" | "server" | "client" | "producer" | "consumer";

/** What becomes of what a span stands for. */
export type SpanOutcome = "ok" | "failed" | "unknown";

export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  /** Milliseconds on the recorder's clock. */
  readonly atMs: number;
  readonly attributes: SpanAttributes;
  /** Of a span that the application makes itself: asked when it ends. */
  readonly atEnd?: () => { readonly name: string; readonly made: MadeSpan };
}

/** What an application's own span has, made by OpenTelemetry's API in a thread where no SDK is. */
export interface MadeSpan {
  /** Who makes it: the name and the version of the tracer. */
  readonly scope: { readonly name: string; readonly version?: string };
  readonly attributes: MadeAttributes;
  /** As the API numbers it: 0 = unset, 1 = ok, 2 = error. */
  readonly status: { readonly code: number; readonly message?: string };
  readonly events: readonly MadeEvent[];
}

export interface MadeEvent {
  readonly name: string;
  /** Milliseconds on the recorder's clock. */
  readonly atMs: number;
  readonly attributes: MadeAttributes;
}

export type MadeAttributes = Readonly<Record<string, MadeValue | readonly MadeValue[]>>;
export type MadeValue = string | number | boolean;

/** A span that has begun, as whoever keeps spans sees it. */
export interface SpanHandle {
  readonly context: TraceContext;
  /** What tells the context to whom it calls, by name. */
  headers(): (readonly [string, string])[];
  set(attributes: SpanAttributes): void;
  /** @param serviceMs - how long it took as its stage's durations count it, where it stands for a hand-over that went well */
  end(atMs: number, outcome: SpanOutcome, serviceMs?: number): void;
  /** Runs a function whose spans, and those of what it begins, are children of this one. */
  within<T>(run: () => T): T;
}

/**
 * Whoever keeps the spans of a thread: OpenTelemetry's API where an SDK is there, or a tracer that hands them to the main
 * thread. What it throws is counted, and never reaches the application.
 */
export interface Tracing {
  /** What the running code belongs to. */
  active(): TraceContext | null;
  /** @param parent - null begins a trace */
  begin(start: SpanStart, parent: TraceContext | null): SpanHandle;
  /** Runs a function as part of a trace that came from another thread. */
  inside<T>(context: TraceContext, run: () => T): T;
  /** Runs a function that belongs to no trace. */
  outside<T>(run: () => T): T;
  /** What whoever calls us told. */
  contextOf(headers: Headers): TraceContext | null;
}
