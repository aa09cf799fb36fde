import { BLOCKED, STARVED, type StateIndex, USE, WAIT } from "./state-clock.ts";

/** Where visits overlap the newest tells the state; when that one ends, the first of these that is still open. */
const PRECEDENCE = [USE, WAIT, BLOCKED, STARVED] as const;

/** The open visits of one worker to states other than the one that it works in. */
export class Visits {
  readonly #open = [0, 0, 0, 0, 0, 0];
  #count = 0;

  begin(state: StateIndex): void {
    this.#count += 1;
    this.#open[state] = (this.#open[state] as number) + 1;
  }

  end(state: StateIndex): void {
    this.#count -= 1;
    this.#open[state] = (this.#open[state] as number) - 1;
  }

  /** Where the worker is, as far as visits tell; null where none is open. */
  state(): StateIndex | null {
    if (this.#count === 0) return null;
    for (const state of PRECEDENCE) if ((this.#open[state] as number) > 0) return state;
    return null;
  }

  clear(): void {
    // Most hand-overs visit nothing.
    if (this.#count === 0) return;
    this.#count = 0;
    this.#open.fill(0);
  }
}
