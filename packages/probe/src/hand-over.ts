import type { UnitOrigin } from "./exemplar-window.ts";
import type { Span } from "./span.ts";
import type { StageRecorder } from "./stage.ts";
import { BLOCKED, SELF, type StateIndex, USE, WAIT } from "./state-clock.ts";
import { Visits } from "./visits.ts";
import type { Work } from "./work.ts";

/** The one visit that counts: an ended hand-over has no others, so that they need no names. */
const VISIT = 1;

/**
 * One worker of a stage that was declared by hand: with a hand-over in work it is in exactly one state at any time, and
 * otherwise in none.
 */
export class HandOver implements Work {
  readonly stage: StageRecorder;
  readonly #base: StateIndex;
  /** Most hand-overs visit nothing. */
  #visits: Visits | null = null;
  #span: Span | null = null;
  #outer: Work | null = null;
  #state: StateIndex;
  #isEnded = true;
  #startMs = Number.NaN;
  /** NaN where it is not timed. */
  #timedMs = Number.NaN;
  #sinceMs = Number.NaN;
  #blockedMs = Number.NaN;

  /** @param base - the state that it is in while it visits no other one */
  constructor(stage: StageRecorder, base: StateIndex) {
    this.stage = stage;
    this.#base = base;
    this.#state = base;
  }

  /** Begins a hand-over. Not before the last one is over, nor where anybody has kept this object since. */
  begins(outer: Work | null, span: Span | null, atMs: number = this.stage.nowMs()): this {
    const { stage } = this;
    this.#startMs = atMs;
    this.#timedMs = stage.timedFrom(atMs);
    this.#sinceMs = atMs;
    this.#blockedMs = 0;
    // Each is compared first: to write an object down costs more than all of this.
    if (this.#outer !== outer) this.#outer = outer;
    if (this.#span !== span) this.#span = span;
    this.#state = this.#base;
    this.#isEnded = false;
    this.#visits?.clear();
    stage.enter(this.#base, atMs);
    return this;
  }

  /** When it began, as its stage's clock told. */
  get startMs(): number {
    return this.#startMs;
  }

  get span(): Span | null {
    return this.#span;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get isWorking(): boolean {
    return !this.#isEnded && (this.#state === SELF || this.#state === WAIT || this.#state === USE);
  }

  get outer(): Work | null {
    return this.#outer;
  }

  visit(state: StateIndex, atMs: number): number {
    if (this.#isEnded) return 0;
    this.#visits ??= new Visits();
    this.#visits.begin(state);
    this.#move(state, atMs);
    return VISIT;
  }

  endVisit(visit: number, state: StateIndex, atMs: number): boolean {
    if (this.#isEnded || visit !== VISIT) return false;
    this.#visits?.end(state);
    if (state === this.#state) this.#move(this.#visits?.state() ?? this.#base, atMs);
    return true;
  }

  /** @returns how long it took, without what it was blocked, in milliseconds; NaN where it was not timed */
  end(atMs: number): number {
    this.#noteBlocked(atMs);
    this.#isEnded = true;
    // Contexts live on in whatever the application began: they must not hold each other.
    if (this.#outer !== null) this.#outer = null;
    this.stage.leave(this.#state, atMs);
    return atMs - this.#timedMs - this.#blockedMs;
  }

  /** Ends a hand-over of items; whether it went well, the stage and the trace are told. */
  finishes(isOk: boolean, items: number, atMs: number, origin: UnitOrigin | null = null): void {
    const { stage } = this;
    const serviceMs = this.end(atMs);
    if (this.#span !== null) {
      stage.ends(this.#span, this.#startMs, atMs, items, isOk ? "ok" : "failed", serviceMs, origin);
    }
    if (isOk) stage.finished(items, serviceMs);
    else stage.failed(items);
  }

  #move(state: StateIndex, atMs: number): void {
    this.#noteBlocked(atMs);
    this.stage.move(this.#state, state, atMs);
    this.#state = state;
    this.#sinceMs = atMs;
  }

  #noteBlocked(atMs: number): void {
    if (this.#state === BLOCKED) this.#blockedMs += atMs - this.#sinceMs;
  }
}
