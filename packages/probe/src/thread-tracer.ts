import { contextOfHeaders, type Headers, headersOf, type Propagator } from "./propagation.ts";
import { isKept } from "./root-sampling.ts";
import { SpanIds } from "./span-ids.ts";
import type { SpanRing } from "./span-ring.ts";
import type { TraceContext } from "./trace-context.ts";
import type { SpanAttributes, SpanHandle, SpanOutcome, SpanStart, Tracing } from "./tracing.ts";
import { runningSpan } from "./work.ts";

export interface ThreadTracerOptions {
  readonly propagators: readonly Propagator[];
  /** Which share of the traces that begin here is kept, 0 to 1. */
  readonly rootShare: number;
  /** What tells this thread's spans from others'. */
  readonly attributes: SpanAttributes;
  readonly ids?: SpanIds;
}

/**
 * Keeps the spans of a worker thread without an SDK there, which would cost it tens of milliseconds and megabytes: they
 * go to the main thread, which exports them.
 */
export class ThreadTracer implements Tracing {
  readonly #ring: SpanRing;
  readonly #options: ThreadTracerOptions;
  readonly #ids: SpanIds;

  constructor(ring: SpanRing, options: ThreadTracerOptions) {
    this.#ring = ring;
    this.#options = options;
    this.#ids = options.ids ?? new SpanIds();
  }

  active(): TraceContext | null {
    return runningSpan()?.context ?? null;
  }

  begin(start: SpanStart, parent: TraceContext | null): SpanHandle {
    const { propagators, rootShare, attributes } = this.#options;
    const traceId = parent?.traceId ?? this.#ids.traceId();
    const isSampled = parent?.isSampled ?? isKept(traceId, rootShare);
    const context = { traceId, spanId: this.#ids.spanId(), isSampled, state: parent?.state ?? "" };
    const parentSpanId = parent?.spanId ?? null;
    return new RingSpan(this.#ring, start, { context, parentSpanId, propagators, attributes });
  }

  /** As of `outside`. */
  inside<T>(_context: TraceContext, run: () => T): T {
    return run();
  }

  /** Whoever runs it says so by its work. */
  outside<T>(run: () => T): T {
    return run();
  }

  contextOf(headers: Headers): TraceContext | null {
    return contextOfHeaders(headers, this.#options.propagators);
  }
}

interface Surroundings {
  readonly context: TraceContext;
  readonly parentSpanId: string | null;
  readonly propagators: readonly Propagator[];
  readonly attributes: SpanAttributes;
}

class RingSpan implements SpanHandle {
  readonly context: TraceContext;
  readonly #ring: SpanRing;
  readonly #start: SpanStart;
  readonly #surroundings: Surroundings;
  #attributes: SpanAttributes;

  constructor(ring: SpanRing, start: SpanStart, surroundings: Surroundings) {
    this.context = surroundings.context;
    this.#ring = ring;
    this.#start = start;
    this.#surroundings = surroundings;
    this.#attributes = { ...surroundings.attributes, ...start.attributes };
    if (this.context.isSampled) ring.begins();
  }

  headers(): (readonly [string, string])[] {
    return headersOf(this.context, this.#surroundings.propagators);
  }

  set(attributes: SpanAttributes): void {
    this.#attributes = { ...this.#attributes, ...attributes };
  }

  /** @throws Error where there is no room for it */
  end(atMs: number, outcome: SpanOutcome, serviceMs?: number): void {
    if (!this.context.isSampled) return;
    const { traceId, spanId, state } = this.context;
    const { name, kind, atMs: startMs } = this.#start;
    const { parentSpanId } = this.#surroundings;
    const attributes = this.#attributes;
    const what = { name, kind, attributes, outcome, serviceMs };
    const own = this.#start.atEnd?.();
    const record = { ...what, ...own, startMs, endMs: atMs, traceId, spanId, parentSpanId, state };
    if (!this.#ring.ends(record)) throw new Error("the ring is full");
  }

  within<T>(run: () => T): T {
    return run();
  }
}
