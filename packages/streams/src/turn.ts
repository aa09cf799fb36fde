import { BLOCKED, type StateIndex } from "@pinchpoint/probe";

/** Whoever's code can run: a stream's worker. */
interface Runner {
  to(state: StateIndex, atMs: number): void;
}

/**
 * Whose code runs. A source whose `push` came back with room may go on at once, as an async generator under
 * `Readable.from` does, long before Node asks it by `_read`: it stays `self` until another stage begins, because only
 * one of them can run.
 */
export class Turn {
  #goingOn: Runner | null = null;

  /** Whether somebody goes on. */
  get isTaken(): boolean {
    return this.#goingOn !== null;
  }

  /** `worker` has pushed, was not asked again yet, and its code goes on. */
  goesOn(worker: Runner): void {
    this.#goingOn = worker;
  }

  /** `worker` runs now: whoever went on until here has come to its end. */
  begins(worker: Runner, atMs: number): void {
    const before = this.#goingOn;
    if (before === null) return;
    this.#goingOn = null;
    if (before !== worker) before.to(BLOCKED, atMs);
  }
}
