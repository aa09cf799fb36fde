import type { Span } from "./span.ts";
import type { StageRecorder } from "./stage.ts";
import { BLOCKED, SELF, type StateIndex, USE, WAIT } from "./state-clock.ts";
import { Visits } from "./visits.ts";
import type { Work } from "./work.ts";

/** The one visit that counts: an ended hand-over has no others, so that they need no names. */
const VISIT = 1;

/** One worker of a stage that was declared by hand, with a hand-over in work: in exactly one state at any time. */
export class HandOver implements Work {
  readonly stage: StageRecorder;
  readonly span: Span | null;
  readonly #base: StateIndex;
  readonly #startMs: number;
  readonly #visits = new Visits();
  #outer: Work | null;
  #state: StateIndex;
  #sinceMs: number;
  #blockedMs = 0;
  #isEnded = false;

  constructor(stage: StageRecorder, state: StateIndex, startMs: number, outer: Work | null, span: Span | null = null) {
    this.stage = stage;
    this.span = span;
    this.#base = state;
    this.#state = state;
    this.#startMs = stage.timedFrom(startMs);
    this.#sinceMs = startMs;
    this.#outer = outer;
    stage.enter(state, startMs);
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
    this.#visits.begin(state);
    this.#move(state, atMs);
    return VISIT;
  }

  endVisit(visit: number, state: StateIndex, atMs: number): boolean {
    if (this.#isEnded || visit !== VISIT) return false;
    this.#visits.end(state);
    if (state === this.#state) this.#move(this.#visits.state() ?? this.#base, atMs);
    return true;
  }

  /** @returns how long it took, without what it was blocked, in milliseconds; NaN where it was not timed */
  end(atMs: number): number {
    this.#noteBlocked(atMs);
    this.#isEnded = true;
    // Contexts live on in whatever the application began: they must not hold each other.
    this.#outer = null;
    this.stage.leave(this.#state, atMs);
    return atMs - this.#startMs - this.#blockedMs;
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
