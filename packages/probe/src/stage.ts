import { BoundHistogram } from "./bound-histogram.ts";
import { ATTRIBUTE } from "./catalogue.ts";
import type { UnitOrigin } from "./exemplar-window.ts";
import { HoldAccount, type LoopHold } from "./loop-hold.ts";
import type { Moments } from "./moments.ts";
import type { Pace } from "./pace.ts";
import { PacedStage } from "./paced-stage.ts";
import { COUNTER, type Slab } from "./slab.ts";
import type { Attributes, StageRole } from "./snapshot.ts";
import type { Span } from "./span.ts";
import { SELF, StateClock, type StateIndex, UNKNOWN } from "./state-clock.ts";
import type { Traces } from "./traces.ts";
import type { SpanAttributes, SpanOutcome, SpanStart } from "./tracing.ts";

export interface StageOptions {
  readonly pipeline: string;
  readonly name: string;
  readonly role: StageRole;
  readonly workers?: number | null;
  readonly attributes?: Attributes;
  /** What it does is done by the system or by threads of Node's: code that no stage is seen to run is then not its. */
  readonly isNative?: boolean;
}

/**
 * One stage on one thread: its row of the slab. Its methods never throw and allocate nothing; times are milliseconds
 * on the recorder's clock, read once by the caller for all that happens at one moment.
 */
export class StageRecorder {
  readonly pipeline: string;
  readonly name: string;
  readonly row: number;
  /** What it takes of its thread's event loop. */
  readonly account: HoldAccount;
  readonly #words: Float64Array;
  #at: number;
  /** How long its hand-overs took; `finished` counts there. */
  readonly durations: BoundHistogram;
  readonly #states: StateClock;
  readonly #loop: LoopHold;
  readonly traces: Traces;
  readonly #spanAttributes: SpanAttributes;
  readonly #pace: Pace;
  readonly #paced: PacedStage;
  /** Nothing of it is ever timed. */
  readonly isCountedOnly: boolean;
  readonly #moments: Moments;

  constructor(
    {
      pipeline,
      name,
      attributes = {},
      isNative = false,
    }: Pick<StageOptions, "pipeline" | "name" | "attributes" | "isNative">,
    slab: Slab,
    row: number,
    loop: LoopHold,
    pace: Pace,
    moments: Moments,
    traces: Traces,
  ) {
    this.traces = traces;
    this.#spanAttributes = { ...attributes, [ATTRIBUTE.pipeline]: pipeline, [ATTRIBUTE.stage]: name };
    this.pipeline = pipeline;
    this.name = name;
    this.row = row;
    this.#words = slab.words;
    this.#at = slab.rowAt(row);
    this.durations = new BoundHistogram(slab.words, this.#at + COUNTER.sumMs, slab.bucketsAt(row, "first"));
    this.#states = new StateClock(slab.words, slab.statesAt(row), slab.sequences, slab.sequenceAt(row), slab.readBy);
    this.account = new HoldAccount(slab.words, this.#at, !isNative);
    this.#loop = loop;
    this.#pace = pace;
    this.#paced = new PacedStage(pace, this.#states, this.account, pace.nowMs());
    this.isCountedOnly = this.#paced.isCountedOnly;
    this.#moments = moments;
  }

  /** From now on it records nothing but that there was something: its row may become another stage's. */
  close(slab: Slab): void {
    this.#paced.leaves();
    const row = slab.sinkRow;
    this.#at = slab.rowAt(row);
    this.durations.moveTo(this.#at + COUNTER.sumMs, slab.bucketsAt(row, "first"));
    this.#states.leaveRow();
    this.account.leaveRow();
  }

  /** The time; while its units are not timed, the moment from which on they are not. */
  nowMs(): number {
    return this.#paced.isFast ? this.#pace.pacedMs() : this.#pace.nowMs();
  }

  /** From when on a unit is timed that begins at `atMs`; NaN where it is not. */
  timedFrom(atMs: number): number {
    return this.isCountedOnly || this.#isStanding ? Number.NaN : atMs;
  }

  /** Whether what happens now is only counted, with `passed`: it has too many units, or none are to be timed. */
  isUntimed(): boolean {
    return this.isCountedOnly || (this.#paced.isFast && this.#pace.stands());
  }

  /** How the span of a hand-over begins. */
  spanStart(atMs: number, items: number): SpanStart {
    return {
      name: this.name,
      kind: "internal",
      atMs,
      attributes: { ...this.#spanAttributes, [ATTRIBUTE.items]: items },
    };
  }

  /**
   * A hand-over has ended, and with it what it is in a trace.
   *
   * @param span - null where nobody keeps spans
   * @param serviceMs - how long it took, as `finished` is told
   */
  ends(
    span: Span | null,
    startMs: number,
    endMs: number,
    items: number,
    outcome: SpanOutcome,
    serviceMs: number = endMs - startMs,
    origin: UnitOrigin | null = null,
  ): void {
    if (span !== null) this.traces.ends(this, span, startMs, endMs, items, outcome, serviceMs, origin);
  }

  /** Workers of the stage that are in a state on this thread. */
  workers(state: StateIndex): number {
    return this.#states.workers(state);
  }

  /** A worker enters that stays when it has no unit in hand. Others enter and leave with their units. */
  joins(state: StateIndex, atMs: number): void {
    this.#paced.hasStayingWorkers = true;
    this.enter(state, atMs);
  }

  enter(state: StateIndex, atMs: number): void {
    if (this.isCountedOnly) {
      this.#states.enter(UNKNOWN, atMs);
      return;
    }
    if (this.#paced.isFast) this.#paced.marks();
    this.#states.enter(state, this.#notBefore(atMs));
    if (state === SELF) this.#loop.enterSelf(this.account, atMs);
  }

  leave(state: StateIndex, atMs: number): void {
    if (this.isCountedOnly) {
      this.#states.leave(UNKNOWN, atMs);
      return;
    }
    if (this.#paced.isFast) this.#paced.marks();
    this.#states.leave(state, this.#notBefore(atMs));
    if (state === SELF) this.#loop.leaveSelf(this.account, atMs);
  }

  move(from: StateIndex, to: StateIndex, atMs: number): void {
    if (from === to || this.isCountedOnly) return;
    if (this.#paced.isFast) this.#paced.marks();
    this.#states.move(from, to, this.#notBefore(atMs));
    if (from === SELF) this.#loop.leaveSelf(this.account, atMs);
    else if (to === SELF) this.#loop.enterSelf(this.account, atMs);
  }

  /** Begins a synchronous segment: until `release`, this stage holds the event loop. Segments nest. */
  hold(atMs: number): HoldAccount | null {
    if (this.isCountedOnly) return null;
    return this.#loop.hold(this.account, atMs);
  }

  release(previous: HoldAccount | null, atMs: number): void {
    if (!this.isCountedOnly) this.#loop.release(previous, atMs);
    this.#moments.pass(atMs);
  }

  arrived(items: number): void {
    this.#count(COUNTER.arrived, items);
  }

  emitted(items: number): void {
    this.#count(COUNTER.emitted, items);
  }

  /** One hand-over is finished, which took so long; NaN = it was not timed. */
  finished(items: number, durationMs: number): void {
    if (Number.isNaN(durationMs) || this.#isStanding) {
      this.passed(items);
      return;
    }
    this.#count(COUNTER.units, 1);
    this.#count(COUNTER.items, items);
    this.durations.record(durationMs);
    this.#paced.unit(!this.traces.isOn);
  }

  /** One hand-over is finished that was not timed. */
  passed(items: number): void {
    this.#count(COUNTER.units, 1);
    this.#count(COUNTER.items, items);
    this.#count(COUNTER.untimed, 1);
    if (this.isCountedOnly) return;
    if (this.#paced.isFast) this.#paced.marks();
    this.#paced.unit(!this.traces.isOn);
  }

  /** One hand-over has failed; the error itself is the application's. */
  failed(items: number): void {
    this.#count(COUNTER.units, 1);
    this.#count(COUNTER.errors, items);
  }

  dropped(items: number): void {
    this.#count(COUNTER.dropped, items);
  }

  get #isStanding(): boolean {
    return this.#paced.isFast && this.#pace.isStanding;
  }

  /** What a fast stage was told before the clock went on is settled: no transition is put before that. */
  #notBefore(atMs: number): number {
    if (!this.#paced.isFast) return atMs;
    const { settledMs } = this.#pace;
    return atMs < settledMs ? settledMs : atMs;
  }

  #count(word: number, by: number): void {
    const at = this.#at + word;
    this.#words[at] = (this.#words[at] as number) + by;
  }
}
