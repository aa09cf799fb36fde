import { bucketOfMs } from "./duration-buckets.ts";
import { COUNTER, type Slab } from "./slab.ts";
import { StateClock, USE, WAIT } from "./state-clock.ts";

/** What one stage does with one resource on one thread: its row of the slab. Never throws, allocates nothing. */
export class ResourceRecorder {
  readonly row: number;
  readonly #words: Float64Array;
  readonly #at: number;
  readonly #waitBucketsAt: number;
  readonly #useBucketsAt: number;
  readonly #states: StateClock;

  constructor(slab: Slab, row: number) {
    this.row = row;
    this.#words = slab.words;
    this.#at = slab.rowAt(row);
    this.#waitBucketsAt = slab.bucketsAt(row, "first");
    this.#useBucketsAt = slab.bucketsAt(row, "second");
    this.#states = new StateClock(slab.words, slab.statesAt(row), slab.sequences, slab.sequenceAt(row), slab.readBy);
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
    this.#add(this.#at + COUNTER.sumMs, durationMs);
    this.#add(this.#waitBucketsAt + bucketOfMs(durationMs), 1);
  }

  useBegins(atMs: number): void {
    this.#states.enter(USE, atMs);
  }

  useEnds(atMs: number, durationMs: number): void {
    this.#states.leave(USE, atMs);
    this.#add(this.#at + COUNTER.uses, 1);
    this.#add(this.#at + COUNTER.secondSumMs, durationMs);
    this.#add(this.#useBucketsAt + bucketOfMs(durationMs), 1);
  }

  /** A call has failed; the error itself is the application's. */
  fails(): void {
    this.#add(this.#at + COUNTER.errors, 1);
  }

  #add(word: number, by: number): void {
    this.#words[word] = (this.#words[word] as number) + by;
  }
}
