import { ATTRIBUTE } from "./catalogue.ts";
import type { KeptUnit } from "./exemplar.ts";
import { type ExemplarStage, ExemplarWindow, type LateSpan, type UnitOrigin } from "./exemplar-window.ts";
import type { Headers } from "./propagation.ts";
import { ArrivedSpan, KeptSpan, NoSpan, type Span } from "./span.ts";
import type { TraceContext } from "./trace-context.ts";
import type { SpanOutcome, SpanStart, Tracing } from "./tracing.ts";

/** Traces that a stage begins in a second at most on a thread: spans cost a thousand times what a count costs. */
export const TRACES_PER_SECOND = 100;

/** What goes with an item of a trace that is not to be kept: of no use but to say so. */
const NOT_KEPT: TraceContext = { traceId: "f".repeat(32), spanId: "f".repeat(16), isSampled: false, state: "" };

/**
 * The spans of a thread. Until somebody keeps them there are none, and asking costs one comparison.
 *
 * A trace is kept whole or not at all: whoever has a parent does as the parent does. New ones begin at a steady rate at
 * most, whatever comes, so that recording stays cheap where hand-overs are many.
 */
export class Traces {
  readonly #onFailure: () => void;
  readonly #running: () => Span | null;
  #tracing: Tracing | null = null;
  #waiting: { readonly perSecond: () => number; readonly make: () => Tracing } | null = null;
  /** Of what nobody has begun a trace for. */
  #noSpan: NoSpan | null = null;
  /** Of what belongs to a trace that is not to be kept: nor does it become a span after the fact. */
  #notKept: NoSpan | null = null;
  readonly #exemplars = new ExemplarWindow((late) => this.#tellLate(late));
  #onKeptUnit: ((unit: KeptUnit) => void) | null = null;
  readonly #onKept: (() => void)[] = [];
  #apartMs = 0;
  /** When each stage may begin its next one, whatever its spans are called: none takes another's place. */
  readonly #nextMs = new Map<string | number, number>();
  #sentAs: { readonly context: TraceContext | null } | null = null;
  /** Which trace an item belongs to that one stage hands to another. */
  readonly #carried = new WeakMap<object, TraceContext>();

  /**
   * @param onFailure - something of a span was lost
   * @param running - what the running code's hand-over is in a trace; default: it is never known
   */
  constructor(onFailure: () => void, running: () => Span | null = () => null) {
    this.#onFailure = onFailure;
    this.#running = running;
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
    this.#notKept = tracing === null ? null : new NoSpan(tracing, this.#onFailure, NOT_KEPT);
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

  /** What goes with something that the running code sends to another thread; null = nothing. */
  outgoing(): TraceContext | null {
    if (!this.isOn) return null;
    if (this.#sentAs !== null) return this.#sentAs.context;
    return this.active() ?? this.#running()?.carried ?? null;
  }

  /** What a function sends to other threads until it returns goes with that, whatever the running code belongs to. */
  sendingAs<T>(context: TraceContext | null, send: () => T): T {
    const before = this.#sentAs;
    this.#sentAs = { context };
    try {
      return send();
    } finally {
      this.#sentAs = before;
    }
  }

  /** What came from another thread, for whoever goes on with it; null where nobody keeps spans. */
  arrived(context: TraceContext): Span | null {
    const tracing = this.#kept();
    return tracing === null ? null : new ArrivedSpan(context, tracing, this.#onFailure);
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
    if (parent === null) return this.#isNotKept() ? this.#notKept : this.#noSpan;
    return parent.isSampled ? this.#begin(tracing, start, parent) : this.#notKept;
  }

  /** The span of something that begins a trace, where it is time for one, unless it has a parent. */
  root(start: SpanStart, parent: TraceContext | null): Span | null {
    const tracing = this.#kept();
    if (tracing === null) return null;
    if (parent !== null) return this.child(start, parent);
    if (this.#isNotKept()) return this.#notKept;
    return this.#isTime(start) ? this.#begin(tracing, start, null) : this.#noSpan;
  }

  /** The span of something that the application traces itself: as often as it does. Null where nobody keeps spans. */
  made(start: SpanStart, parent: TraceContext | null): Span | null {
    const tracing = this.#kept();
    return tracing === null ? null : this.#begin(tracing, start, parent);
  }

  /** Many of something whose parents are not their own, such as the chunks of one answer. */
  oneOfMany(start: SpanStart, parent: TraceContext | null): Span | null {
    const tracing = this.#kept();
    if (tracing === null) return null;
    if (parent === null ? this.#isNotKept() : !parent.isSampled) return this.#notKept;
    return this.#isTime(start) ? this.#begin(tracing, start, parent) : this.#noSpan;
  }

  /** A hand-over of a stage has ended; as of `StageRecorder.ends`. */
  ends(
    stage: ExemplarStage,
    span: Span,
    startMs: number,
    endMs: number,
    items: number,
    outcome: SpanOutcome,
    serviceMs: number,
    origin: UnitOrigin | null,
  ): void {
    const { context } = span;
    if (context === null) {
      if (span !== this.#noSpan || Number.isNaN(startMs)) return;
    } else {
      span.end(endMs, outcome, outcome === "ok" && !Number.isNaN(serviceMs) ? serviceMs : undefined);
      // It began when its stage was too fast for each to be timed, a moment before somebody kept spans.
      if (Number.isNaN(startMs)) return;
      if (context.isSampled && outcome === "ok" && this.#onKeptUnit !== null) {
        const { attributes } = origin?.start ?? stage.spanStart(startMs, items);
        this.#onKeptUnit({ attributes, serviceMs, endMs, traceId: context.traceId, spanId: context.spanId });
      }
    }
    this.#exemplars.ended(stage, context !== null, startMs, endMs, items, outcome, serviceMs, origin);
  }

  /** Tells of each hand-over of this thread that went well and whose span is kept. */
  onKeptUnit(listener: (unit: KeptUnit) => void): void {
    this.#onKeptUnit = listener;
  }

  /** The slowest hand-overs of a second that is over become spans, though nothing comes after them. */
  closeWindow(atMs: number): void {
    if (this.isOn) this.#exemplars.closeBy(atMs);
  }

  /** Nothing comes any more: the slowest hand-overs so far become spans. */
  closeLastWindow(): void {
    if (this.isOn) this.#exemplars.close();
  }

  /** An item is handed on: whoever takes it goes on with the trace. */
  carry(item: unknown, span: Span | null): void {
    const context = span?.carried ?? null;
    if (context !== null && typeof item === "object" && item !== null) this.#carried.set(item, context);
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

  /** Whether the running code belongs to a trace that is not to be kept. */
  #isNotKept(): boolean {
    return this.#running() === this.#notKept;
  }

  #tellLate({ reason, start, parent, endMs, serviceMs, outcome }: LateSpan): void {
    const tracing = this.#tracing;
    if (tracing === null) return;
    const attributes = { ...start.attributes, [ATTRIBUTE.exemplar]: reason };
    const span = this.#begin(tracing, { ...start, attributes }, parent);
    const isOk = outcome === "ok";
    span?.end(endMs, outcome, isOk ? serviceMs : undefined);
    const context = span?.context ?? null;
    if (!isOk || context === null || !context.isSampled) return;
    this.#onKeptUnit?.({ attributes, serviceMs, endMs, traceId: context.traceId, spanId: context.spanId });
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
