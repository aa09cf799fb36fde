import { workerData } from "node:worker_threads";
import { COPY_LENGTH, StateClock, type StateIndex } from "../src/state-clock.ts";

/** What a writer thread is given. */
export interface RowWriting {
  readonly words: Float64Array;
  readonly sequences: Int32Array;
  /** How many transitions the writer has finished. */
  readonly acknowledged: Int32Array;
  readonly protocol: "rotating copies" | "one copy" | "sequence lock";
}

/** The same row without the protocol, as a warning: the writer writes what the reader reads. */
class OneCopy {
  readonly #words: Float64Array;
  readonly #current = new Float64Array(COPY_LENGTH);

  constructor(words: Float64Array) {
    this.#words = words;
  }

  enter(state: StateIndex, atMs: number): void {
    this.#current[state] = (this.#current[state] as number) + 1;
    this.#current[COPY_LENGTH / 2 + state] = (this.#current[COPY_LENGTH / 2 + state] as number) + atMs;
    this.publish();
  }

  protected publish(): void {
    for (let i = 0; i < COPY_LENGTH; i++) this.#words[i] = this.#current[i] as number;
  }
}

/** The usual protection, as another: odd while it writes, so that a writer that dies in the middle leaves it odd. */
class SequenceLock extends OneCopy {
  readonly #sequences: Int32Array;

  constructor(words: Float64Array, sequences: Int32Array) {
    super(words);
    this.#sequences = sequences;
  }

  protected override publish(): void {
    Atomics.add(this.#sequences, 0, 1);
    super.publish();
    Atomics.add(this.#sequences, 0, 1);
  }
}

/** After `entered` workers, who came at the times 1, 2, 3 … into the states in turn, every word of the row is known. */
export function expectedWord(word: number, entered: number): number {
  const states = COPY_LENGTH / 2;
  const state = word % states;
  const inState = Math.floor((entered + states - 1 - state) / states);
  // Times of arrival: state + 1, state + 1 + states, …
  return word < states ? inState : inState * (state + 1) + (states * inState * (inState - 1)) / 2;
}

if (workerData !== null) {
  const { words, sequences, acknowledged, protocol } = workerData as RowWriting;
  const clock =
    protocol === "rotating copies"
      ? new StateClock(words, 0, sequences, 0, "another-thread")
      : protocol === "one copy"
        ? new OneCopy(words)
        : new SequenceLock(words, sequences);
  for (let entered = 1; ; entered++) {
    clock.enter(((entered - 1) % (COPY_LENGTH / 2)) as StateIndex, entered);
    Atomics.store(acknowledged, 0, entered);
  }
}
