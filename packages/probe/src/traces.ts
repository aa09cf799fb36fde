import { ATTRIBUTE } from "./catalogue.ts";
import type { Headers } from "./propagation.ts";
import { KeptSpan, NoSpan, type Span } from "./span.ts";
import type { TraceContext } from "./trace-context.ts";
import type { SpanStart, Tracing } from "./tracing.ts";

/** Traces that a stage begins in a second at most on a thread: spans cost a thousand times what a count costs. */
export const TRACES_PER_SECOND = 100;

/**
 * The spans of a thread. Until somebody keeps them there are none, and asking costs one comparison.
 *
 * A trace is kept whole or not at all: whoever has a parent does as the parent does. New ones begin at a steady rate at
 * most, whatever comes, so that recording stays cheap where hand-overs are many.
 */
export class Traces {
  readonly #onFailure: () => void;
  #tracing: Tracing | null = null;
  #waiting: { readonly perSecond: () => number; readonly make: () => Tracing } | null = null;
  #noSpan: NoSpan | null = null;
  readonly #onKept: (() => void)[] = [];
  #apartMs = 0;
  /** When each stage may begin its next one, whatever its spans are called: none takes another's place. */
  readonly #nextMs = new Map<string | number, number>();
  /** Which trace an item belongs to that one stage hands to another. */
  readonly #carried = new WeakMap<object, TraceContext>();

  /** @param onFailure - something of a span was lost */
  constructor(onFailure: () => void) {
    this.#onFailure = onFailure;
  }

  get isOn(): boolean {
    return this.#kept() !== null;
  }

  /**
   * From now on spans are kept; null = no longer.
   *
   * @param perSecond - how many traces each stage begins in a second at most, > 0
   */
  keepBy(tracing: Tracing | null, perSecond: number = TRACES_PER_SECOND): void {
    this.#tracing = tracing;
    this.#noSpan = tracing === null ? null : new NoSpan(tracing, this.#onFailure);
    this.#apartMs = 1000 / perSecond;
    this.#nextMs.clear();
    if (tracing !== null) for (const act of this.#onKept.splice(0)) act();
  }

  /** Calls back when spans begin to be kept, once; at once where they are. */
  whenKept(act: () => void): void {
    if (this.isOn) act();
    else this.#onKept.push(act);
  }

  /**
   * Spans are kept as soon as somebody wants them.
   *
   * @param perSecond - how many traces may begin in a second; 0 while nobody wants them
   */
  keepWhen(perSecond: () => number, make: () => Tracing): void {
    this.#waiting = { perSecond, make };
  }

  /** What the running code belongs to; null = nothing. */
  active(): TraceContext | null {
    try {
      return this.#kept()?.active() ?? null;
    } catch {
      this.#onFailure();
      return null;
    }
  }

  /** What whoever calls us told of itself. */
  told(headers: Headers): TraceContext | null {
    try {
      return this.#kept()?.contextOf(headers) ?? null;
    } catch {
      this.#onFailure();
      return null;
    }
  }

  /** The span of something that has a parent; without one it belongs to no trace. Null where nobody keeps spans. */
  child(start: SpanStart, parent: TraceContext | null): Span | null {
    const tracing = this.#kept();
    if (tracing === null) return null;
    return parent?.isSampled ? this.#begin(tracing, start, parent) : this.#noSpan;
  }

  /** The span of something that begins a trace, where it is time for one, unless it has a parent. */
  root(start: SpanStart, parent: TraceContext | null): Span | null {
    const tracing = this.#kept();
    if (tracing === null) return null;
    if (parent !== null) return this.child(start, parent);
    return this.#isTime(start) ? this.#begin(tracing, start, null) : this.#noSpan;
  }

  /** Many of something whose parents are not their own, such as the chunks of one answer. */
  oneOfMany(start: SpanStart, parent: TraceContext | null): Span | null {
    const tracing = this.#kept();
    if (tracing === null) return null;
    if (parent !== null && !parent.isSampled) return this.#noSpan;
    return this.#isTime(start) ? this.#begin(tracing, start, parent) : this.#noSpan;
  }

  /** An item is handed on: whoever takes it goes on with the trace. */
  carry(item: unknown, span: Span | null): void {
    if (span === null || span.context === null) return;
    if (typeof item === "object" && item !== null) this.#carried.set(item, span.context);
  }

  carriedBy(item: unknown): TraceContext | null {
    return typeof item === "object" && item !== null ? (this.#carried.get(item) ?? null) : null;
  }

  #kept(): Tracing | null {
    const waiting = this.#waiting;
    if (waiting === null) return this.#tracing;
    const perSecond = waiting.perSecond();
    if (perSecond > 0) {
      this.#waiting = null;
      this.keepBy(waiting.make(), perSecond);
    }
    return this.#tracing;
  }

  #isTime({ name, attributes, atMs }: SpanStart): boolean {
    const stage = attributes[ATTRIBUTE.stage] ?? name;
    if (atMs < (this.#nextMs.get(stage) ?? Number.NEGATIVE_INFINITY)) return false;
    this.#nextMs.set(stage, atMs + this.#apartMs);
    return true;
  }

  #begin(tracing: Tracing, start: SpanStart, parent: TraceContext | null): Span | null {
    try {
      return new KeptSpan(tracing.begin(start, parent), this.#onFailure);
    } catch {
      this.#onFailure();
      return this.#noSpan;
    }
  }
}
