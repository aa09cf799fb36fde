import { BoundHistogram } from "./bound-histogram.ts";
import { COUNTER, type Slab } from "./slab.ts";
import { StateClock, USE, WAIT } from "./state-clock.ts";

/** What one stage does with one resource on one thread: its row of the slab. Never throws, allocates nothing. */
export class ResourceRecorder {
  readonly row: number;
  readonly #words: Float64Array;
  #at: number;
  readonly #waits: BoundHistogram;
  readonly #uses: BoundHistogram;
  readonly #states: StateClock;

  constructor(slab: Slab, row: number) {
    this.row = row;
    this.#words = slab.words;
    this.#at = slab.rowAt(row);
    this.#waits = new BoundHistogram(slab.words, this.#at + COUNTER.sumMs, slab.bucketsAt(row, "first"));
    this.#uses = new BoundHistogram(slab.words, this.#at + COUNTER.secondSumMs, slab.bucketsAt(row, "second"));
    this.#states = new StateClock(slab.words, slab.statesAt(row), slab.sequences, slab.sequenceAt(row), slab.readBy);
  }

  /** From now on it records nothing that is told: its row may become another one's. */
  close(slab: Slab): void {
    const row = slab.sinkRow;
    this.#at = slab.rowAt(row);
    this.#waits.moveTo(this.#at + COUNTER.sumMs, slab.bucketsAt(row, "first"));
    this.#uses.moveTo(this.#at + COUNTER.secondSumMs, slab.bucketsAt(row, "second"));
    this.#states.leaveRow();
  }

  /** How many it serves at once; null = unknown. It counts as what it was at its most, since pools grow as they go. */
  serves(capacity: number | null): void {
    const word = this.#at + COUNTER.capacity;
    if (capacity !== null && capacity > (this.#words[word] as number)) this.#words[word] = capacity;
  }

  waitBegins(atMs: number): void {
    this.#states.enter(WAIT, atMs);
  }

  waitEnds(atMs: number, durationMs: number): void {
    this.#states.leave(WAIT, atMs);
    this.#waits.record(durationMs);
  }

  useBegins(atMs: number): void {
    this.#states.enter(USE, atMs);
  }

  useEnds(atMs: number, durationMs: number): void {
    this.#states.leave(USE, atMs);
    this.#add(this.#at + COUNTER.uses, 1);
    this.#uses.record(durationMs);
  }

  /** A call has failed; the error itself is the application's. */
  fails(): void {
    this.#add(this.#at + COUNTER.errors, 1);
  }

  #add(word: number, by: number): void {
    this.#words[word] = (this.#words[word] as number) + by;
  }
}
