import { DURATION_BUCKET_COUNT } from "./duration-buckets.ts";
import { decodeRow, type RowDefinition } from "./row-definition.ts";
import { NOBODY, type RowReading } from "./row-reading.ts";
import { COUNTER, COUNTERS_WORDS, type Slab } from "./slab.ts";
import { COPY_LENGTH, SELF, STATES, type StateIndex, StateRow, timeInStateMs, USE, WAIT } from "./state-clock.ts";

/** One row of a slab, as the snapshots see it. */
export class RowReader {
  readonly row: number;
  readonly definition: RowDefinition;
  readonly #slab: Slab;
  readonly #states: StateRow;
  readonly #scratch = new Float64Array(COPY_LENGTH);
  /** A row that another thread writes may be read a little ahead of time; what was told must not fall again. */
  #seconds: readonly number[] = NOBODY;
  #workers: readonly number[] = NOBODY;
  /** How often the states could not be read, and were told as they last were. */
  tornReads = 0;

  constructor(slab: Slab, row: number) {
    this.row = row;
    this.definition = decodeRow(slab.text(row));
    this.#slab = slab;
    this.#states = new StateRow(slab.words, slab.statesAt(row), slab.sequences, slab.sequenceAt(row));
  }

  /** What the row says at a moment. */
  read(atMs: number): RowReading {
    this.#readStates(atMs);
    return this.#reading(this.#workers);
  }

  /** What a row says that nobody writes any more: its thread has ended, or it was closed. Nobody works there. */
  readLast(atMs: number): RowReading {
    const closedAtMs = this.#slab.words[this.#slab.rowAt(this.row) + COUNTER.closedAtMs] as number;
    this.#readStates(closedAtMs > 0 ? Math.min(atMs, closedAtMs) : atMs);
    return this.#reading(NOBODY);
  }

  /** Hand-overs under way when the row was read last. */
  get inHand(): number {
    const workers = (state: StateIndex) => this.#workers[state] as number;
    return Math.max(0, workers(SELF) + workers(WAIT) + workers(USE));
  }

  #readStates(atMs: number): void {
    if (!this.#states.read(this.#scratch)) {
      this.tornReads += 1;
      return;
    }
    this.#workers = Array.from(this.#scratch.subarray(0, STATES.length));
    this.#seconds = this.#seconds.map((last, state) =>
      Math.max(last, timeInStateMs(this.#scratch, state as StateIndex, atMs) / 1000),
    );
  }

  #reading(stateWorkers: readonly number[]): RowReading {
    const { words } = this.#slab;
    const at = this.#slab.rowAt(this.row);
    const buckets = (which: "first" | "second") => {
      const bucketsAt = this.#slab.bucketsAt(this.row, which);
      return words.slice(bucketsAt, bucketsAt + DURATION_BUCKET_COUNT);
    };
    return {
      counters: words.slice(at, at + COUNTERS_WORDS),
      stateSeconds: this.#seconds,
      stateWorkers,
      first: buckets("first"),
      second: this.definition.kind === "resource" ? buckets("second") : null,
    };
  }
}
