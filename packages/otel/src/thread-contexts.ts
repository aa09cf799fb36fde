import type { Span as ApiSpan, Context, ContextManager } from "@opentelemetry/api";
import {
  CarriedWork,
  contextOf,
  type Span as ProbeSpan,
  runAs,
  runningWork,
  type SpanAttributes,
  type TraceContext,
  UntoldSpan,
  type Work,
} from "@pinchpoint/probe";
import { spanOf, withoutSpan, withSpan } from "./api-global.ts";
import { WorkerSpan } from "./made-span.ts";
import { RemoteSpan } from "./remote-span.ts";

const SAMPLED = 1;

/**
 * The contexts of OpenTelemetry's API in a thread without an SDK, kept where the recorder keeps whose code runs: what the
 * application makes active is the parent of a stage's spans, and a stage's span is active to the application.
 */
export class ThreadContexts implements ContextManager {
  readonly #root: Context;
  /** Of stages' spans, so that one that is asked for twice is the same. */
  readonly #views = new WeakMap<ProbeSpan, StageSpan>();

  constructor(root: Context) {
    this.#root = root;
  }

  active(): Context {
    return this.#contextIn(runningWork());
  }

  // biome-ignore lint/suspicious/noExplicitAny: as the API has it
  with<A extends unknown[], F extends (...args: A) => any>(
    context: Context,
    run: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    const around = runningWork();
    const work = new ContextWork(context, spanWithin(context, around), around);
    return runAs(work, () => run.apply(thisArg, args));
  }

  /** Emitters are left as they are. */
  bind<T>(context: Context, target: T): T {
    if (typeof target !== "function") return target;
    const contexts = this;
    const bound = function (this: unknown, ...args: unknown[]): unknown {
      return contexts.with(context, target as unknown as (...args: unknown[]) => unknown, this, ...args);
    };
    Object.defineProperty(bound, "length", { configurable: true, value: target.length });
    return bound as unknown as T;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    return this;
  }

  /** As where nothing is registered: what runs next in this turn is not followed. */
  attach(): { dispose(): void } {
    return { dispose() {} };
  }

  #contextIn(work: Work | null): Context {
    if (work === null) return this.#root;
    if (work instanceof ContextWork) return work.context;
    const around = this.#contextIn(work.outer);
    const { span } = work;
    if (span === null) return around;
    return span.context === null ? withoutSpan(around) : withSpan(around, this.#viewOf(span, span.context));
  }

  #viewOf(span: ProbeSpan, context: TraceContext): StageSpan {
    const known = this.#views.get(span);
    if (known !== undefined) return known;
    const view = new StageSpan(span, context);
    this.#views.set(span, view);
    return view;
  }
}

/** Code that runs within a context of the API. */
class ContextWork extends CarriedWork {
  readonly context: Context;

  constructor(context: Context, span: ProbeSpan, around: Work | null) {
    super(span, around);
    this.context = context;
  }
}

/** What stands for a stage's span where the application asks which one is active. The stage ends it, and names it. */
class StageSpan extends RemoteSpan {
  readonly #span: ProbeSpan;
  readonly #isSampled: boolean;

  constructor(span: ProbeSpan, context: TraceContext) {
    super(context, false);
    this.#span = span;
    this.#isSampled = context.isSampled;
  }

  override isRecording(): boolean {
    return this.#isSampled;
  }

  override setAttribute(key?: string, value?: unknown): this {
    return this.setAttributes({ [String(key)]: value });
  }

  override setAttributes(attributes: Readonly<Record<string, unknown>> = {}): this {
    const told = Object.entries(attributes).filter(([, value]) => typeof value === "string" || Number.isFinite(value));
    this.#span.set(Object.fromEntries(told) as SpanAttributes);
    return this;
  }
}

function spanWithin(context: Context, around: Work | null): ProbeSpan {
  const told = traceOf(context);
  // Of a trace that is not to be kept, or of none: what runs belongs to that one still.
  if (told === null && around?.span?.context === null) return around.span;
  return new UntoldSpan(told);
}

/** Which trace a context belongs to, and the span that is active in it; null = none. */
export function traceOf(context: Context): TraceContext | null {
  const span = spanOf(context) as ApiSpan | undefined;
  if (span instanceof WorkerSpan) return span.kept?.context ?? null;
  const told = span?.spanContext();
  if (told === undefined) return null;
  return contextOf(told.traceId, told.spanId, (told.traceFlags & SAMPLED) !== 0, told.traceState?.serialize() ?? "");
}
