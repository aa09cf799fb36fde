import { performance } from "node:perf_hooks";
import type {
  Span as ApiSpan,
  Attributes,
  Context,
  HrTime,
  SpanContext,
  SpanOptions,
  Tracer,
} from "@opentelemetry/api";
import type {
  Headers,
  MadeSpan,
  SpanAttributes,
  SpanHandle,
  SpanKind,
  SpanOutcome,
  SpanRecord,
  SpanStart,
  TraceContext,
  Tracing,
} from "@pinchpoint/probe";
import { type RegisteredApi, spanOf, withoutSpan, withSpan } from "./api-global.ts";
import { hrTime } from "./hr-time.ts";
import type { PresetIds } from "./preset-ids.ts";
import { RemoteSpan } from "./remote-span.ts";
import { scope } from "./scope.ts";

/** The API's enumeration, by value: importing it would load the API. */
const KINDS: Readonly<Record<SpanKind, number>> = { internal: 0, server: 1, client: 2, producer: 3, consumer: 4 };
const ERROR = 2;
const SAMPLED = 1;

export interface ApiTracingOptions {
  /** What is registered; it must have a tracer provider and a context manager. */
  readonly api: Required<Pick<RegisteredApi, "trace" | "context">> & RegisteredApi;
  /** Makes the SDK give the spans of worker threads the ids that they have; null where the SDK is somebody else's. */
  readonly ids?: PresetIds | null;
  /** Milliseconds since 1970 at which the recorder's clock read 0; default `performance.timeOrigin`. */
  readonly clockOriginMs?: number;
}

/** Keeps spans with the SDK that is registered with OpenTelemetry's API, Pinchpoint's or the application's own. */
export class ApiTracing implements Tracing {
  readonly #api: ApiTracingOptions["api"];
  readonly #tracer: Tracer;
  readonly #ids: PresetIds | null;
  readonly #clockOriginMs: number;

  constructor({ api, ids = null, clockOriginMs = performance.timeOrigin }: ApiTracingOptions) {
    this.#api = api;
    this.#tracer = api.trace.getTracer(scope().name, scope().version);
    this.#ids = ids;
    this.#clockOriginMs = clockOriginMs;
  }

  active(): TraceContext | null {
    return contextIn(this.#api.context.active());
  }

  begin(start: SpanStart, parent: TraceContext | null): SpanHandle {
    const base = this.#contextOf(parent);
    const span = this.#tracer.startSpan(start.name, this.#options(start, start.atMs), base);
    return new ApiHandle(this.#api, span, withSpan(base, span), (atMs) => this.#time(atMs));
  }

  inside<T>(context: TraceContext, run: () => T): T {
    return this.#api.context.with(this.#contextOf(context), run);
  }

  outside<T>(run: () => T): T {
    const manager = this.#api.context;
    const active = manager.active();
    return spanOf(active) === undefined ? run() : manager.with(withoutSpan(active), run);
  }

  contextOf(headers: Headers): TraceContext | null {
    const { propagation, context } = this.#api;
    const extracted = propagation?.extract(withoutSpan(context.active()), headers, HEADERS);
    return extracted === undefined ? null : contextIn(extracted);
  }

  /**
   * Exports a span of a worker thread, that has ended there.
   *
   * @returns whether the SDK keeps it
   * @throws Error where the SDK gives it an id of its own, so that what it began would not find it
   */
  export(record: SpanRecord): boolean {
    const { traceId, spanId, parentSpanId, state } = record;
    const parent = parentSpanId === null ? null : { traceId, spanId: parentSpanId, isSampled: true, state };
    const base = this.#contextOf(parent);
    const { made } = record;
    const tracer = made === undefined ? this.#tracer : this.#api.trace.getTracer(made.scope.name, made.scope.version);
    const begin = () => tracer.startSpan(record.name, this.#options(record, record.startMs), base);
    const span = this.#ids === null ? begin() : this.#ids.with(record, begin);
    if (span.spanContext().spanId !== spanId) renamed(span, record);
    if (made !== undefined) this.#complete(span, made);
    endSpan(span, record.outcome, this.#time(record.endMs));
    return (span.spanContext().traceFlags & SAMPLED) !== 0;
  }

  #complete(span: ApiSpan, { attributes, status, events }: MadeSpan): void {
    span.setAttributes(attributes as Attributes);
    for (const event of events) span.addEvent(event.name, event.attributes as Attributes, this.#time(event.atMs));
    span.setStatus(status);
  }

  #options({ kind, attributes }: Pick<SpanStart, "kind" | "attributes">, atMs: number): SpanOptions {
    return { kind: KINDS[kind], attributes: { ...attributes }, startTime: this.#time(atMs) };
  }

  /** Where it has no parent it begins a trace, whatever the running code belongs to. */
  #contextOf(parent: TraceContext | null): Context {
    if (parent instanceof FoundContext) return parent.within;
    const active = withoutSpan(this.#api.context.active());
    return parent === null ? active : withSpan(active, new RemoteSpan(parent));
  }

  #time(atMs: number): HrTime {
    return hrTime(this.#clockOriginMs + atMs);
  }
}

/** A context that the API gave, with whatever else is in it, such as baggage. */
class FoundContext implements TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
  readonly state: string;
  readonly isOfServer: boolean;
  readonly within: Context;

  constructor(span: ApiSpan, within: Context) {
    const { traceId, spanId, traceFlags, traceState }: SpanContext = span.spanContext();
    // Spans of every SDK have it, though the API does not know it.
    this.isOfServer = Reflect.get(span, "kind") === KINDS.server;
    this.traceId = traceId;
    this.spanId = spanId;
    this.isSampled = (traceFlags & SAMPLED) !== 0;
    this.state = traceState?.serialize() ?? "";
    this.within = within;
  }
}

function contextIn(context: Context): TraceContext | null {
  const span = spanOf(context) as ApiSpan | undefined;
  return span === undefined ? null : new FoundContext(span, context);
}

class ApiHandle implements SpanHandle {
  readonly context: TraceContext;
  readonly #api: ApiTracingOptions["api"];
  readonly #span: ApiSpan;
  readonly #within: Context;
  readonly #time: (atMs: number) => HrTime;

  constructor(api: ApiTracingOptions["api"], span: ApiSpan, within: Context, time: (atMs: number) => HrTime) {
    this.context = new FoundContext(span, within);
    this.#api = api;
    this.#span = span;
    this.#within = within;
    this.#time = time;
  }

  headers(): (readonly [string, string])[] {
    const told: [string, string][] = [];
    this.#api.propagation?.inject(this.#within, told, {
      set: (headers, name, value) => headers.push([name.toLowerCase(), value]),
    });
    return told;
  }

  set(attributes: SpanAttributes): void {
    this.#span.setAttributes({ ...attributes });
  }

  end(atMs: number, outcome: SpanOutcome): void {
    endSpan(this.#span, outcome, this.#time(atMs));
  }

  within<T>(run: () => T): T {
    return this.#api.context.with(this.#within, run);
  }
}

function endSpan(span: ApiSpan, outcome: SpanOutcome, time: HrTime): void {
  if (outcome === "failed") span.setStatus({ code: ERROR });
  span.end(time);
}

/**
 * Gives a span of the SDK the id that it has in its own thread, where the SDK's ids are not ours to preset: its context is
 * a property of its own in every SDK from 1 to 3.
 */
function renamed(span: ApiSpan, { traceId, spanId }: SpanRecord): void {
  const context: unknown = Reflect.get(span, "_spanContext");
  const isThere = typeof context === "object" && context !== null;
  if (isThere) Reflect.set(span, "_spanContext", { ...context, traceId, spanId });
  if (span.spanContext().spanId !== spanId) {
    throw new Error("the SDK does not let a span have the id that it has in its thread");
  }
}

const HEADERS = {
  keys: (headers: Headers): string[] => Object.keys(headers),
  get: (headers: Headers, name: string): string | string[] | undefined => {
    const value = headers[name.toLowerCase()];
    return typeof value === "string" || value === undefined ? value : [...value];
  },
};
