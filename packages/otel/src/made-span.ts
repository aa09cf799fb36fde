import { performance } from "node:perf_hooks";
import type {
  Attributes,
  AttributeValue,
  Exception,
  Span,
  SpanContext,
  SpanOptions,
  SpanStatus,
  TimeInput,
  TraceState,
} from "@opentelemetry/api";
import type { MadeAttributes, MadeEvent, MadeSpan, Span as ProbeSpan, SpanStart } from "@pinchpoint/probe";
import { keptAttributes, keptText } from "./made-attributes.ts";

/** Of one span; later ones are left out. */
const MOST_EVENTS = 16;
const ERROR = 2;
const SAMPLED = 1;

/** The API's enumeration, in its order. */
const KINDS = ["internal", "server", "client", "producer", "consumer"] as const;

export interface MadeSpanOptions {
  readonly name: string;
  readonly options: SpanOptions;
  readonly scope: MadeSpan["scope"];
  readonly nowMs: () => number;
  /** The parent's, which goes on with the trace. */
  readonly traceState: TraceState | undefined;
  /** Keeps it. */
  readonly begin: (start: SpanStart) => ProbeSpan | null;
}

/** A span that the application makes in a thread without an SDK: goes to the main thread when it has ended. */
export class WorkerSpan implements Span {
  /** What keeps it; null where it could not be begun. */
  readonly kept: ProbeSpan | null;
  readonly #nowMs: () => number;
  readonly #context: SpanContext | null;
  readonly #scope: MadeSpan["scope"];
  #name: string;
  #attributes: MadeAttributes;
  #status: SpanStatus = { code: 0 };
  #events: readonly MadeEvent[] = [];
  #isEnded = false;

  constructor({ name, options, scope, nowMs, traceState, begin }: MadeSpanOptions) {
    this.#nowMs = nowMs;
    this.#scope = scope;
    this.#name = keptText(name);
    this.#attributes = keptAttributes(options.attributes);
    const kind = KINDS[options.kind ?? 0] ?? "internal";
    const atMs = this.#time(options.startTime);
    const atEnd = () => ({ name: this.#name, made: this.#made() });
    this.kept = begin({ name: this.#name, kind, atMs, attributes: {}, atEnd });
    this.#context = contextOf(this.kept, traceState);
  }

  /** @throws TypeError where nobody keeps it */
  spanContext(): SpanContext {
    if (this.#context === null) throw new TypeError("a span that is not kept has no context");
    return this.#context;
  }

  isRecording(): boolean {
    return !this.#isEnded && this.kept?.context?.isSampled === true;
  }

  setAttribute(key: string, value: AttributeValue): this {
    return this.setAttributes({ [key]: value });
  }

  setAttributes(attributes: Attributes): this {
    return this.#guarded(() => {
      this.#attributes = keptAttributes(attributes, this.#attributes);
    });
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    return this.#guarded(() => {
      if (this.#events.length >= MOST_EVENTS) return;
      const isTime = isTimeInput(attributesOrTime);
      const atMs = this.#time(isTime ? attributesOrTime : time);
      const attributes = keptAttributes(isTime ? {} : attributesOrTime);
      this.#events = [...this.#events, { name: keptText(name), atMs, attributes }];
    });
  }

  /** Links are left out. */
  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }

  setStatus(status: SpanStatus): this {
    return this.#guarded(() => {
      const { code, message } = status;
      this.#status = code === ERROR && message !== undefined ? { code, message: keptText(message) } : { code };
    });
  }

  updateName(name: string): this {
    return this.#guarded(() => {
      this.#name = keptText(name);
    });
  }

  recordException(exception: Exception, time?: TimeInput): void {
    this.#guarded(() => {
      const thrown = typeof exception === "string" ? { message: exception } : exception;
      const part = (name: string) => Reflect.get(thrown, name) as string | number | undefined;
      const type = part("code") ?? part("name");
      const told = {
        "exception.type": type === undefined ? undefined : String(type),
        "exception.message": part("message"),
        "exception.stacktrace": part("stack"),
      };
      this.addEvent("exception", told, time);
    });
  }

  end(time?: TimeInput): void {
    if (this.#isEnded) return;
    const atMs = this.#time(time);
    this.kept?.end(atMs, "unknown");
    this.#isEnded = true;
  }

  /** What the application gives may be anything: it hears of it no more than where nobody keeps spans. */
  #guarded(act: () => void): this {
    if (!this.isRecording()) return this;
    try {
      act();
    } catch {
      // That part is left out.
    }
    return this;
  }

  #made(): MadeSpan {
    return { scope: this.#scope, attributes: this.#attributes, status: this.#status, events: this.#events };
  }

  /** Milliseconds on the recorder's clock, of what the API takes for a time. */
  #time(time: TimeInput | undefined): number {
    const atMs = recorderMs(time);
    return Number.isFinite(atMs) ? atMs : this.#nowMs();
  }
}

function recorderMs(time: TimeInput | undefined): number {
  const { timeOrigin } = performance;
  if (Array.isArray(time)) return time[0] * 1000 + time[1] / 1e6 - timeOrigin;
  if (time instanceof Date) return time.getTime() - timeOrigin;
  if (typeof time !== "number") return Number.NaN;
  // As the SDK takes it: a number that is too small for a date is one of `performance.now()`.
  return time < timeOrigin ? time : time - timeOrigin;
}

function contextOf(kept: ProbeSpan | null, traceState: TraceState | undefined): SpanContext | null {
  const context = kept?.context ?? null;
  if (context === null) return null;
  const { traceId, spanId, isSampled } = context;
  const told = { traceId, spanId, traceFlags: isSampled ? SAMPLED : 0 };
  return traceState === undefined ? told : { ...told, traceState };
}

function isTimeInput(value: Attributes | TimeInput | undefined): value is TimeInput {
  return typeof value === "number" || value instanceof Date || Array.isArray(value);
}
