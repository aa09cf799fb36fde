import { type DurationBuckets, readBuckets } from "./duration-buckets.ts";
import { decodeRow, type RowDefinition } from "./row-definition.ts";
import { COUNTER, type Slab } from "./slab.ts";
import type { ResourceRow, StageRow } from "./snapshot.ts";
import { COPY_LENGTH, SELF, STATES, type StateIndex, StateRow, timeInStateMs, USE, WAIT } from "./state-clock.ts";

export interface StateReading {
  /** Worker-seconds in each state. */
  readonly seconds: readonly number[];
  /** Workers in each state; nobody works on a thread that has ended. */
  readonly workers: readonly number[];
  /** Hand-overs that the end of the thread cut off. */
  readonly abandoned: number;
}

const NOBODY: readonly number[] = STATES.map(() => 0);

/** One row of a slab, as the snapshots see it. */
export class RowReader {
  readonly definition: RowDefinition;
  readonly #slab: Slab;
  readonly #row: number;
  readonly #states: StateRow;
  readonly #scratch = new Float64Array(COPY_LENGTH);
  /** A row that another thread writes may be read a little ahead of time; what was told must not fall again. */
  #last: StateReading = { seconds: NOBODY, workers: NOBODY, abandoned: 0 };
  /** How often the states could not be read, and were told as they last were. */
  tornReads = 0;

  constructor(slab: Slab, row: number) {
    this.definition = decodeRow(slab.text(row));
    this.#slab = slab;
    this.#row = row;
    this.#states = new StateRow(slab.words, slab.statesAt(row), slab.sequences, slab.sequenceAt(row));
  }

  /** What the states say at a moment; where the thread has ended, at its end. */
  readStates(atMs: number, endedAtMs: number | null): StateReading {
    if (!this.#states.read(this.#scratch)) {
      this.tornReads += 1;
      return this.#last;
    }
    const untilMs = endedAtMs === null ? atMs : Math.min(atMs, endedAtMs);
    const workers = Array.from(this.#scratch.subarray(0, STATES.length));
    const inHand = (workers[SELF] as number) + (workers[WAIT] as number) + (workers[USE] as number);
    this.#last = {
      seconds: this.#last.seconds.map((last, state) =>
        Math.max(last, timeInStateMs(this.#scratch, state as StateIndex, untilMs) / 1000),
      ),
      workers: endedAtMs === null ? workers : NOBODY,
      abandoned: endedAtMs === null ? 0 : Math.max(0, inHand),
    };
    return this.#last;
  }

  stageRow(stage: number, thread: number, states: StateReading): StageRow {
    return {
      stage,
      thread,
      units: this.#counter(COUNTER.units),
      untimed: this.#counter(COUNTER.untimed),
      arrived: this.#counter(COUNTER.arrived),
      items: this.#counter(COUNTER.items),
      errors: this.#counter(COUNTER.errors),
      dropped: this.#counter(COUNTER.dropped),
      emitted: this.#counter(COUNTER.emitted),
      stateSeconds: states.seconds,
      stateWorkers: states.workers,
      loopHeldSeconds: this.#counter(COUNTER.loopHeldMs) / 1e3,
      loopHeldSquared: this.#counter(COUNTER.loopHeldSquaredMs) / 1e6,
      loopOverlapSeconds: this.#counter(COUNTER.loopOverlapMs) / 1e3,
      duration: this.#buckets("first", COUNTER.sumMs),
    };
  }

  resourceRow(stage: number, resource: number, thread: number, states: StateReading): ResourceRow {
    return {
      stage,
      resource,
      thread,
      uses: this.#counter(COUNTER.uses),
      errors: this.#counter(COUNTER.errors),
      waitSeconds: states.seconds[WAIT] as number,
      useSeconds: states.seconds[USE] as number,
      inUse: states.workers[USE] as number,
      wait: this.#buckets("first", COUNTER.sumMs),
      use: this.#buckets("second", COUNTER.secondSumMs),
    };
  }

  /** How many a resource serves at once; null = unknown. */
  get capacity(): number | null {
    const capacity = this.#counter(COUNTER.capacity);
    return capacity > 0 ? capacity : null;
  }

  #counter(word: number): number {
    return this.#slab.words[this.#slab.rowAt(this.#row) + word] as number;
  }

  #buckets(which: "first" | "second", sumMs: number): DurationBuckets {
    return readBuckets(this.#slab.words, this.#slab.bucketsAt(this.#row, which), this.#counter(sumMs) / 1000);
  }
}
