import type { Span as ApiSpan, Context, SpanOptions, Tracer, TracerOptions, TracerProvider } from "@opentelemetry/api";
import { runningSpan, type Traces } from "@pinchpoint/probe";
import { spanOf, withSpan } from "./api-global.ts";
import type { ApiCopy } from "./api-use.ts";
import { WorkerSpan } from "./made-span.ts";
import { traceOf } from "./thread-contexts.ts";

/** What a copy of the API gives tracers by until an SDK is registered with it, and after that for earlier ones. */
export interface ProxyProvider extends TracerProvider {
  getDelegate(): unknown;
  setDelegate(provider: TracerProvider): void;
}

export interface ThreadTracersOptions {
  readonly copy: ApiCopy;
  /** The copy's own, whose tracers ask whoever it stands for at that time. */
  readonly proxy: ProxyProvider;
  readonly traces: Traces;
  readonly nowMs: () => number;
  /** Something of a span was lost. */
  readonly onFailure: () => void;
  /** Whether spans of this thread are somebody else's: of an SDK that was registered here. */
  readonly isAside: () => boolean;
}

/** What gives tracers to a copy of the API in a thread without an SDK. */
export class ThreadTracers implements TracerProvider {
  readonly #options: ThreadTracersOptions;

  constructor(options: ThreadTracersOptions) {
    this.#options = options;
  }

  getTracer(name: string, version?: string, options?: TracerOptions): Tracer {
    return new ThreadApiTracer(this, this.#options, name, version, options);
  }
}

class ThreadApiTracer implements Tracer {
  readonly #provider: ThreadTracers;
  readonly #options: ThreadTracersOptions;
  readonly #name: string;
  readonly #version: string | undefined;
  readonly #tracerOptions: TracerOptions | undefined;
  #other: Tracer | null = null;
  #bare: Tracer | null = null;

  constructor(
    provider: ThreadTracers,
    options: ThreadTracersOptions,
    name: string,
    version: string | undefined,
    tracerOptions: TracerOptions | undefined,
  ) {
    this.#provider = provider;
    this.#options = options;
    this.#name = name;
    this.#version = version;
    this.#tracerOptions = tracerOptions;
  }

  startSpan(name: string, options?: SpanOptions, context?: Context): ApiSpan {
    const { isAside, traces, copy } = this.#options;
    if (isAside()) return this.#otherTracer().startSpan(name, options, context);
    const within = context ?? copy.context.active();
    const span = traces.isOn ? this.#begin(name, options ?? {}, within) : null;
    return span ?? this.#bareTracer().startSpan(name, options, within);
  }

  startActiveSpan(...args: unknown[]): never {
    const { isAside, copy } = this.#options;
    if (isAside()) {
      const tracer = this.#otherTracer();
      return Reflect.apply(tracer.startActiveSpan, tracer, args) as never;
    }
    // As the API has it: the options and the context may be left out.
    if (args.length < 2) return undefined as never;
    const run = args[Math.min(args.length, 4) - 1] as (span: ApiSpan) => unknown;
    const options = (args.length > 2 ? args[1] : undefined) as SpanOptions | undefined;
    const parent = ((args.length > 3 ? args[2] : undefined) as Context | undefined) ?? copy.context.active();
    const span = this.startSpan(args[0] as string, options, parent);
    return copy.context.with(withSpan(parent, span), run, undefined, span) as never;
  }

  /** @returns null where it is not kept */
  #begin(name: string, options: SpanOptions, within: Context): ApiSpan | null {
    const { traces, nowMs, onFailure } = this.#options;
    try {
      const parent = options.root === true ? null : traceOf(within);
      // The running code belongs to a trace that its caller does not keep.
      if (parent === null && options.root !== true && runningSpan()?.carried?.isSampled === false) return null;
      const span = new WorkerSpan({
        name,
        options,
        scope: { name: this.#name, ...(this.#version === undefined ? {} : { version: this.#version }) },
        nowMs,
        traceState: parent === null ? undefined : (spanOf(within) as ApiSpan).spanContext().traceState,
        begin: (start) => traces.made(start, parent),
      });
      return span.kept?.context == null ? null : span;
    } catch {
      onFailure();
      return null;
    }
  }

  /** That of whoever this copy of the API was registered with: bare, a tracer that is older asks nobody else. */
  #otherTracer(): Tracer {
    const { proxy } = this.#options;
    if (proxy.getDelegate() === this.#provider) return this.#bareTracer();
    this.#other ??= proxy.getTracer(this.#name, this.#version, this.#tracerOptions);
    return this.#other;
  }

  /** As where nobody keeps spans. */
  #bareTracer(): Tracer {
    this.#bare ??= new this.#options.copy.ProxyTracerProvider().getTracer(this.#name, this.#version);
    return this.#bare;
  }
}
