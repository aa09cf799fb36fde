import type { StageRecorder } from "./stage.ts";
import { BLOCKED, STARVED, type StateIndex, USE, WAIT } from "./state-clock.ts";

/** Where visits overlap the newest tells the state; when that one ends, the first of these that is still open. */
const PRECEDENCE = [USE, WAIT, BLOCKED, STARVED] as const;

/**
 * One worker of a stage with a hand-over in work. It is in exactly one state at any time: in the one that it began with,
 * or away in another one for a visit; visits may nest and overlap.
 */
export class HandOver {
  readonly #stage: StageRecorder;
  readonly #base: StateIndex;
  readonly #startMs: number;
  /** Open visits, by state. */
  readonly #visits = [0, 0, 0, 0, 0, 0];
  #state: StateIndex;
  #sinceMs: number;
  #blockedMs = 0;
  #isEnded = false;

  constructor(stage: StageRecorder, state: StateIndex, startMs: number) {
    this.#stage = stage;
    this.#base = state;
    this.#state = state;
    this.#startMs = startMs;
    this.#sinceMs = startMs;
    stage.enter(state, startMs);
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  visit(state: StateIndex, atMs: number): void {
    this.#visits[state] = (this.#visits[state] as number) + 1;
    this.#move(state, atMs);
  }

  /** Visits may outlast the hand-over; then there is nothing to come back to. */
  endVisit(state: StateIndex, atMs: number): void {
    if (this.#isEnded) return;
    this.#visits[state] = (this.#visits[state] as number) - 1;
    if (state !== this.#state) return;
    this.#move(PRECEDENCE.find((other) => (this.#visits[other] as number) > 0) ?? this.#base, atMs);
  }

  /** @returns how long it took, without what it was blocked; milliseconds */
  end(atMs: number): number {
    this.#noteBlocked(atMs);
    this.#isEnded = true;
    this.#stage.leave(this.#state, atMs);
    return atMs - this.#startMs - this.#blockedMs;
  }

  #move(state: StateIndex, atMs: number): void {
    this.#noteBlocked(atMs);
    this.#stage.move(this.#state, state, atMs);
    this.#state = state;
    this.#sinceMs = atMs;
  }

  #noteBlocked(atMs: number): void {
    if (this.#state === BLOCKED) this.#blockedMs += atMs - this.#sinceMs;
  }
}
