import type { Span, SpanContext } from "@opentelemetry/api";
import type { TraceContext } from "@pinchpoint/probe";

const SAMPLED = 1;

/** What stands for a span that is somewhere else. Whoever finds it active may call all that a span has; it keeps nothing. */
export class RemoteSpan implements Span {
  readonly #context: SpanContext;

  /** @param isRemote - whether it is one of another thread */
  constructor({ traceId, spanId, isSampled, state }: TraceContext, isRemote = true) {
    const traceFlags = isSampled ? SAMPLED : 0;
    this.#context = { traceId, spanId, traceFlags, isRemote };
    if (state !== "") this.#context.traceState = new PassedState(state);
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  isRecording(): boolean {
    return false;
  }

  setAttribute(): this {
    return this;
  }

  setAttributes(): this {
    return this;
  }

  addEvent(): this {
    return this;
  }

  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }

  setStatus(): this {
    return this;
  }

  updateName(): this {
    return this;
  }

  end(): void {}

  recordException(): void {}
}

/** A `tracestate` that is only passed on. */
class PassedState {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get(key: string): string | undefined {
    const entry = this.#text.split(",").find((one) => one.trim().startsWith(`${key}=`));
    return entry?.trim().slice(key.length + 1);
  }

  set(): this {
    return this;
  }

  unset(): this {
    return this;
  }

  serialize(): string {
    return this.#text;
  }
}
