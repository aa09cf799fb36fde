/**
 * Time in states without an object per item. For each state keep n, how many workers are in it, and S, the sum of their
 * enter times minus the sum of the exit times: the time spent up to t is n·t − S. A transition is four additions.
 *
 * The row of a thread is read by another thread while it is written, and the writer may die in mid-write. So the writer
 * fills the next of four copies and publishes it with one read-modify-write; the reader takes the published copy and
 * keeps it only if the writer cannot have come round to it meanwhile. A writer that dies leaves a half-filled copy that
 * nobody was pointed to.
 *
 * Right under weak memory too, by the argument of Boehm, "Can seqlocks get along with programming language memory
 * models?" (MSPC 2012): the reader ends with a read-modify-write that changes nothing, and the writer publishes with one.
 * The two are ordered. Either the reader's comes first, and then what it read happened before the writer refilled that
 * copy; or it sees that the writer has gone on, and drops what it read, torn words included.
 * An atomic store or load in place of either is not enough: snapshot-protocol.test.ts tries all orders of these steps.
 */
export const STATES = ["starved", "self", "wait", "use", "blocked", "unknown"] as const;
export type State = (typeof STATES)[number];

/** Positions in STATES, for code that may not look names up. */
export const STARVED = 0;
export const SELF = 1;
export const WAIT = 2;
export const USE = 3;
export const BLOCKED = 4;
export const UNKNOWN = 5;
export type StateIndex = 0 | 1 | 2 | 3 | 4 | 5;

const STATE_COUNT = STATES.length;
/** Words of one copy: n for each state, then S for each state. */
export const COPY_LENGTH: number = 2 * STATE_COUNT;
export const COPY_COUNT = 4;
const COPY_MASK = COPY_COUNT - 1;
/** A try fails where the writer made three transitions during it; a thread that does nothing else fails some. */
const MAX_READ_TRIES = 256;

/** Who reads a row: the thread that writes it, which then writes what is published in place; or another one. */
export type ReadBy = "writer" | "another-thread";

/** The single writer of one state row. */
export class StateClock {
  readonly #words: Float64Array;
  readonly #sequences: Int32Array;
  readonly #at: number;
  readonly #sequenceAt: number;
  #readBy: ReadBy;
  /** What is published; for another thread, this thread's own copy of it. */
  #current: Float64Array;
  #sequence = 0;

  constructor(words: Float64Array, at: number, sequences: Int32Array, sequenceAt: number, readBy: ReadBy) {
    this.#words = words;
    this.#at = at;
    this.#sequences = sequences;
    this.#sequenceAt = sequenceAt;
    this.#readBy = readBy;
    this.#sequence = Atomics.load(sequences, sequenceAt);
    const publishedAt = at + (this.#sequence & COPY_MASK) * COPY_LENGTH;
    this.#current =
      readBy === "writer" ? words.subarray(publishedAt, publishedAt + COPY_LENGTH) : new Float64Array(COPY_LENGTH);
  }

  /** Counts on, but nobody reads it any more: the row is given back. */
  leaveRow(): void {
    this.#current = this.#current.slice();
    this.#readBy = "writer";
  }

  /** Workers in a state now. */
  workers(state: StateIndex): number {
    return this.#current[state] as number;
  }

  enter(state: StateIndex, atMs: number): void {
    this.#add(state, 1, atMs);
    this.#publish();
  }

  leave(state: StateIndex, atMs: number): void {
    this.#add(state, -1, -atMs);
    this.#publish();
  }

  move(from: StateIndex, to: StateIndex, atMs: number): void {
    this.#add(from, -1, -atMs);
    this.#add(to, 1, atMs);
    this.#publish();
  }

  /** Milliseconds spent in a state up to a moment. */
  timeMs(state: StateIndex, atMs: number): number {
    return timeInStateMs(this.#current, state, atMs);
  }

  /**
   * The last `lengthMs` were not watched: they are not what the workers do now, but `sharesMs`, worker-milliseconds by
   * state.
   */
  concludes(sharesMs: Float64Array, lengthMs: number): void {
    const current = this.#current;
    for (let state = 0; state < STATE_COUNT; state++) {
      const s = STATE_COUNT + state;
      const countedMs = (current[state] as number) * lengthMs;
      current[s] = (current[s] as number) + countedMs - (sharesMs[state] as number);
    }
    this.#publish();
  }

  #add(state: StateIndex, workers: number, timeMs: number): void {
    const current = this.#current;
    const s = STATE_COUNT + state;
    current[state] = (current[state] as number) + workers;
    current[s] = (current[s] as number) + timeMs;
  }

  #publish(): void {
    if (this.#readBy === "writer") return;
    const next = (this.#sequence + 1) | 0;
    const at = this.#at + (next & COPY_MASK) * COPY_LENGTH;
    const words = this.#words;
    const current = this.#current;
    for (let i = 0; i < COPY_LENGTH; i++) words[at + i] = current[i] as number;
    // A read-modify-write, not a store: the next copy's writes may not move before it, nor this one's after it.
    Atomics.exchange(this.#sequences, this.#sequenceAt, next);
    this.#sequence = next;
  }
}

/** The reader of one state row, on any thread. */
export class StateRow {
  readonly #copies: readonly Float64Array[];
  readonly #sequences: Int32Array;
  readonly #sequenceAt: number;

  constructor(words: Float64Array, at: number, sequences: Int32Array, sequenceAt: number) {
    this.#copies = Array.from({ length: COPY_COUNT }, (_, copy) =>
      words.subarray(at + copy * COPY_LENGTH, at + (copy + 1) * COPY_LENGTH),
    );
    this.#sequences = sequences;
    this.#sequenceAt = sequenceAt;
  }

  /**
   * Reads what is published into `into` (length COPY_LENGTH).
   *
   * @returns false if the writer overtook every try; `into` is then not to be used
   */
  read(into: Float64Array): boolean {
    for (let tries = 0; tries < MAX_READ_TRIES; tries++) {
      const published = Atomics.load(this.#sequences, this.#sequenceAt);
      // One call, not a loop: snapshots are rare, so that a loop would run uncompiled and be overtaken.
      into.set(this.#copies[published & COPY_MASK] as Float64Array);
      // While the sequence is at most two ahead, the writer has not begun to refill this copy.
      const ahead = (Atomics.add(this.#sequences, this.#sequenceAt, 0) - published) | 0;
      if (ahead >= 0 && ahead < COPY_COUNT - 1) return true;
    }
    return false;
  }
}

/** Milliseconds spent in a state up to `atMs`, from a row that `StateRow` read. */
export function timeInStateMs(row: Float64Array, state: StateIndex, atMs: number): number {
  return (row[state] as number) * atMs - (row[STATE_COUNT + state] as number);
}
