import type { Duplex } from "node:stream";
import {
  BLOCKED,
  enterWork,
  leaveWork,
  type Method,
  runAs,
  runAsUntilReturn,
  runningSpan,
  SELF,
  type Span,
  STARVED,
  type StageRecorder,
  type StateIndex,
  type TraceContext,
  type UnitOrigin,
  USE,
  Visits,
  WAIT,
  type Work,
} from "@pinchpoint/probe";
import type { Turn } from "./turn.ts";

/**
 * A context costs more than all the rest of a short hand-over. A stream that has finished so many in a row before its
 * method returned does without, until one is not: that one's calls after an `await` are not known to be its own, and from
 * the next on it has a context again, for good.
 */
const SYNCHRONOUS_AFTER = 100;

/**
 * One live stream as a worker of its stage: always in exactly one state until it ends, and with at most one hand-over
 * under way, which is finished once, failed once, or dropped with its stream.
 */
export class StreamWorker implements Work {
  readonly stage: StageRecorder;
  #span: Span | null = null;
  /** The trace within which the stream was joined, such as that of a request which it answers. */
  readonly #joinedIn: TraceContext | null;
  readonly #origin: UnitOrigin | null;
  /** Joined within a hand-over that belongs to no trace: then the stream does not begin one either. */
  readonly #isUntraced: boolean;
  readonly #turn: Turn;
  readonly #transform: Duplex | null;
  #state: StateIndex;
  #isEnded = false;
  /** Items of the hand-over under way; 0 = none. */
  #items = 0;
  #handOver = 0;
  #arrivedMs = 0;
  /** Hand-overs, all of them so far, that were over when the stream's method returned. */
  #synchronous = 0;
  readonly #visits = new Visits();
  /** Of the hand-over under way nothing but its items is kept, as long as it is over when the stream's method returns. */
  #isPassing = false;
  /** Which turn of work the visits belong to: they do not outlast it. */
  #workTurn = 1;

  /** @param transform - the stream, where Node holds back the callback of its `_write` while its output has no room */
  constructor(stage: StageRecorder, turn: Turn, state: StateIndex, transform: Duplex | null = null) {
    this.#transform = transform;
    this.stage = stage;
    this.#joinedIn = stage.traces.active();
    this.#origin = this.#joinedIn === null ? null : { parent: this.#joinedIn, start: null };
    this.#isUntraced = this.#joinedIn === null && runningSpan() !== null;
    this.#turn = turn;
    this.#state = state;
    stage.joins(state, stage.nowMs());
  }

  get state(): StateIndex {
    return this.#state;
  }

  /** What the hand-over under way, or the last one, is in a trace. */
  get span(): Span | null {
    return this.#span;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Which hand-over is under way; 0 = none. */
  get handOver(): number {
    return this.#items > 0 ? this.#handOver : 0;
  }

  get isWorking(): boolean {
    const state = this.#state;
    return !this.#isEnded && (state === SELF || state === WAIT || state === USE);
  }

  /** A stream is nobody's part: what joined it has handed over by then. */
  get outer(): null {
    return null;
  }

  to(state: StateIndex, atMs: number): void {
    if (this.#isEnded || state === this.#state) return;
    this.stage.move(this.#state, state, atMs);
    this.#state = state;
  }

  visit(state: StateIndex, atMs: number): number {
    if (!this.isWorking) return 0;
    this.#visits.begin(state);
    this.to(state, atMs);
    return this.#workTurn;
  }

  endVisit(visit: number, state: StateIndex, atMs: number): boolean {
    if (visit !== this.#workTurn || this.#isEnded) return false;
    this.#visits.end(state);
    if (this.#state === state) this.to(this.#visits.state() ?? SELF, atMs);
    return true;
  }

  /** Back to work from `blocked`, in whatever state that stands. */
  resumes(atMs: number): void {
    this.to(this.#visits.state() ?? SELF, atMs);
  }

  /** The stage's own code begins to run. */
  begins(atMs: number): void {
    this.#turn.begins(this, atMs);
    this.#workTurn += 1;
    this.#visits.clear();
    this.to(SELF, atMs);
  }

  /** Runs a method of the stream as part of this worker's work, so that what it calls is charged to it. */
  // biome-ignore lint/suspicious/noExplicitAny: as the foreign method has it
  applies(method: Method, stream: unknown, args: any[]): any {
    return runAs(this, Reflect.apply, method, stream, args);
  }

  /**
   * Runs the `_read` of a stream, as `applies` does; but where its reads have pushed before they returned, as a
   * synchronous work.
   *
   * @param hasPushed - whether it has, once it has returned
   */
  // biome-ignore lint/suspicious/noExplicitAny: as the foreign method has it
  reads(method: Method, stream: unknown, args: any[], hasPushed: () => boolean): any {
    const returned = this.#runs(method, stream, args);
    this.#returned(hasPushed());
    return returned;
  }

  // biome-ignore lint/suspicious/noExplicitAny: as the foreign method has it
  #runs(method: Method, stream: unknown, args: any[]): any {
    return (this.#wantsContext ? runAs : runAsUntilReturn)(this, Reflect.apply, method, stream, args);
  }

  /** The stage's own code may go on, without having been asked to. */
  goesOn(): void {
    this.#turn.goesOn(this);
  }

  /**
   * Items have come, and the stage's own code begins to run with them.
   *
   * @param first - the first of them, which may carry a trace
   */
  arrives(items: number, atMs: number, first: unknown): void {
    this.stage.arrived(items);
    this.#span = this.#spanOf(items, atMs, first);
    this.#items = items;
    this.#handOver += 1;
    this.#arrivedMs = this.stage.timedFrom(atMs);
    this.begins(atMs);
  }

  /** It has made an item of its own, since `startMs`, and hands it on. */
  makes(item: unknown, startMs: number, atMs: number): void {
    const { traces } = this.stage;
    if (!traces.isOn || this.#isUntraced) return;
    const span = traces.oneOfMany(this.stage.spanStart(startMs, 1), this.#joinedIn);
    this.stage.ends(span, startMs, atMs, 1, "ok", atMs - startMs, this.#origin);
    traces.carry(item, span);
  }

  /** It hands on an item that it made of those which it has, or had last. */
  handsOn(item: unknown): void {
    if (this.#span !== null) this.stage.traces.carry(item, this.#span);
  }

  /**
   * Runs a method of the stream to which Node hands items over; the callback among its arguments ends it.
   *
   * @param first - the first of the items
   */
  // biome-ignore lint/suspicious/noExplicitAny: as the foreign method has it
  takes(items: number, first: unknown, stream: unknown, method: Method, args: any[]): any {
    const startMs = this.stage.nowMs();
    this.arrives(items, startMs, first);
    const previous = this.stage.hold(startMs);
    // Not caught and thrown again: Node would print our line in the place of the application's.
    let hasThrown = true;
    try {
      const returned = this.#runs(method, stream, args);
      hasThrown = false;
      this.#returned(this.#items === 0);
      return returned;
    } finally {
      const endMs = this.stage.nowMs();
      if (hasThrown) {
        this.finishes(false, endMs);
        this.to(STARVED, endMs);
      }
      this.stage.release(previous, endMs);
    }
  }

  /**
   * Whether what comes now is to be counted only: the stage's units are not timed now, and nothing of this stream's is
   * under way, which has been done at once so far.
   *
   * @param rest - the state that the stream is in where it has nothing to do
   */
  mayPass(rest: StateIndex): boolean {
    const { stage } = this;
    return (
      this.#synchronous >= SYNCHRONOUS_AFTER &&
      this.#state === rest &&
      !this.#isEnded &&
      stage.isUntimed() &&
      !stage.traces.isOn &&
      !this.#turn.isTaken
    );
  }

  get isPassing(): boolean {
    return this.#isPassing;
  }

  /** Runs a `_write` whose item is counted only. */
  passesOn(stream: unknown, method: Method, chunk: unknown, encoding: unknown, callback: Method): unknown {
    this.stage.arrived(1);
    this.#items = 1;
    this.#isPassing = true;
    const before = enterWork(this);
    let hasThrown = true;
    try {
      const returned: unknown = method.call(stream, chunk, encoding, callback);
      hasThrown = false;
      return returned;
    } finally {
      leaveWork(before);
      if (hasThrown) this.passed(false);
      else if (this.#isPassing) this.#isUnderWay(isFull(this.#transform));
    }
  }

  /** Runs a `_read` that is counted only. */
  readsOn(stream: unknown, method: Method, size: unknown): unknown {
    this.#isPassing = true;
    const before = enterWork(this);
    try {
      return method.call(stream, size);
    } finally {
      leaveWork(before);
      this.#isPassing = false;
    }
  }

  /** A `_read` was counted only, but has not pushed yet: from now on it is watched as any other. */
  isLate(): void {
    this.#synchronous = Number.NEGATIVE_INFINITY;
    this.begins(this.stage.nowMs());
  }

  /**
   * The hand-over that is counted only is done.
   *
   * @returns false where there is none
   */
  passed(isOk: boolean): boolean {
    if (!this.#isPassing) return false;
    this.#isPassing = false;
    const items = this.#items;
    this.#items = 0;
    if (isOk) this.stage.passed(items);
    else this.stage.failed(items);
    return true;
  }

  /** The method has returned, but its hand-over goes on: from now on it is watched as any other. */
  #isUnderWay(isDone: boolean): void {
    const atMs = this.stage.nowMs();
    this.#handOver += 1;
    if (isDone) {
      this.passed(true);
      this.to(BLOCKED, atMs);
      return;
    }
    this.#isPassing = false;
    this.#synchronous = Number.NEGATIVE_INFINITY;
    this.#arrivedMs = Number.NaN;
    this.begins(atMs);
  }

  /** The hand-over under way is done; a second time, or after the end, this means nothing. */
  finishes(isOk: boolean, atMs: number): void {
    const items = this.#items;
    if (items === 0) return;
    this.#items = 0;
    const serviceMs = atMs - this.#arrivedMs;
    this.stage.ends(this.#span, this.#arrivedMs, atMs, items, isOk ? "ok" : "failed", serviceMs, this.#origin);
    if (isOk) this.stage.finished(items, serviceMs);
    else this.stage.failed(items);
  }

  get #wantsContext(): boolean {
    return this.#synchronous < SYNCHRONOUS_AFTER || (this.#span?.context ?? null) !== null;
  }

  #returned(wasSynchronous: boolean): void {
    this.#synchronous = wasSynchronous ? this.#synchronous + 1 : Number.NEGATIVE_INFINITY;
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const atMs = this.stage.nowMs();
    this.#isPassing = false;
    this.stage.leave(this.#state, atMs);
    if (this.#items > 0) this.stage.dropped(this.#items);
    this.#items = 0;
    this.#span?.end(atMs, "unknown");
  }

  /** An item goes on with the trace that it carries; where it carries none, it is one of many in that of the join. */
  #spanOf(items: number, atMs: number, first: unknown): Span | null {
    const { traces } = this.stage;
    if (!traces.isOn) return null;
    const carried = traces.carriedBy(first);
    const start = this.stage.spanStart(atMs, items);
    return carried === null && this.#joinedIn !== null
      ? traces.oneOfMany(start, this.#joinedIn)
      : traces.child(start, carried);
  }
}

/** Then a transform that was done at once so far has done its part again, and Node holds back the callback. */
function isFull(transform: Duplex | null): boolean {
  return transform !== null && transform.readableLength >= transform.readableHighWaterMark;
}
