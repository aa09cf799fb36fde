import type { TraceContext } from "./trace-context.ts";
import type { SpanOutcome, SpanStart } from "./tracing.ts";

/** Slowest is only known when others have ended too; a second is what pages of metrics are read by. */
const WINDOW_MS = 1000;
/** A stage that fails at each item must not drown the others. */
const MOST_FAILED = 3;

/** Why a hand-over has a span though nobody began a trace for it: the value of the attribute `pinchpoint.exemplar`. */
export type ExemplarReason = "slowest" | "failed";

/** Whose hand-overs they are. */
export interface ExemplarStage {
  spanStart(atMs: number, items: number): SpanStart;
}

/** What a hand-over's span would have been, where that is more than its stage's. */
export interface UnitOrigin {
  /** The trace that came with it; null = it begins one. */
  readonly parent: TraceContext | null;
  /** Null = as its stage has it. */
  readonly start: SpanStart | null;
}

/** A hand-over that becomes a span after the fact. */
export interface LateSpan {
  readonly reason: ExemplarReason;
  readonly start: SpanStart;
  readonly parent: TraceContext | null;
  readonly endMs: number;
  readonly serviceMs: number;
  readonly outcome: SpanOutcome;
}

/** Positions of the slowest hand-over's numbers. */
const SERVICE_MS = 0;
const START_MS = 1;
const END_MS = 2;
const ITEMS = 3;
const NONE = -1;

/** A stage's hand-overs of the window. */
class StageWindow {
  /** In a typed array, because a fraction in a property is a new object each time that it changes. */
  readonly slowest = new Float64Array(4).fill(NONE);
  origin: UnitOrigin | null = null;
  /** The slowest one has a span already. */
  hasSpan = false;
  failed = 0;
}

/**
 * Which hand-overs of a thread become spans after the fact: of each stage and window the slowest one, and the first that
 * failed. Nothing is allocated for one that is neither.
 */
export class ExemplarWindow {
  readonly #tell: (span: LateSpan) => void;
  readonly #stages = new Map<ExemplarStage, StageWindow>();
  #untilMs = Number.NEGATIVE_INFINITY;

  constructor(tell: (span: LateSpan) => void) {
    this.#tell = tell;
  }

  /**
   * A hand-over has ended.
   *
   * @param hasSpan - it needs none: somebody has decided about it when it began
   * @param serviceMs - how long it took, as its stage's durations count it
   */
  ended(
    stage: ExemplarStage,
    hasSpan: boolean,
    startMs: number,
    endMs: number,
    items: number,
    outcome: SpanOutcome,
    serviceMs: number,
    origin: UnitOrigin | null,
  ): void {
    if (endMs >= this.#untilMs) {
      this.close();
      this.#untilMs = endMs + WINDOW_MS;
    }
    const window = this.#stages.get(stage) ?? this.#opened(stage);
    const { slowest } = window;
    if (outcome === "ok" && serviceMs > (slowest[SERVICE_MS] as number)) {
      slowest[SERVICE_MS] = serviceMs;
      slowest[START_MS] = startMs;
      slowest[END_MS] = endMs;
      slowest[ITEMS] = items;
      window.origin = origin;
      window.hasSpan = hasSpan;
    } else if (outcome === "failed" && !hasSpan && window.failed < MOST_FAILED) {
      window.failed += 1;
      const start = origin?.start ?? stage.spanStart(startMs, items);
      this.#tell({ reason: "failed", start, parent: origin?.parent ?? null, endMs, serviceMs, outcome });
    }
  }

  /** What comes from a window that is over at that time. */
  closeBy(atMs: number): void {
    if (atMs >= this.#untilMs) this.close();
  }

  /** The window is over: the slowest hand-overs are told, and those that come belong to the next one. */
  close(): void {
    this.#untilMs = Number.NEGATIVE_INFINITY;
    for (const [stage, window] of this.#stages) {
      const [serviceMs = NONE, startMs = 0, endMs = 0, items = 0] = window.slowest;
      const { origin, hasSpan } = window;
      window.slowest[SERVICE_MS] = NONE;
      window.origin = null;
      window.failed = 0;
      if (serviceMs === NONE || hasSpan) continue;
      const start = origin?.start ?? stage.spanStart(startMs, items);
      this.#tell({ reason: "slowest", start, parent: origin?.parent ?? null, endMs, serviceMs, outcome: "ok" });
    }
  }

  #opened(stage: ExemplarStage): StageWindow {
    const window = new StageWindow();
    this.#stages.set(stage, window);
    return window;
  }
}
