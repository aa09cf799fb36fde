import { BLOCKED } from "@pinchpoint/probe";
import type { StreamWorker } from "./stream-worker.ts";

/**
 * Whose code runs. A source whose `push` came back with room may go on at once, as an async generator under
 * `Readable.from` does, long before Node asks it by `_read`: it stays `self` until another stage begins, because only
 * one of them can run.
 */
export class Turn {
  #goingOn: StreamWorker | null = null;

  /** `worker` has pushed, was not asked again yet, and its code goes on. */
  goesOn(worker: StreamWorker): void {
    this.#goingOn = worker;
  }

  /** `worker` runs now: whoever went on until here has come to its end. */
  begins(worker: StreamWorker, atMs: number): void {
    const before = this.#goingOn;
    if (before === null) return;
    this.#goingOn = null;
    if (before !== worker) before.to(BLOCKED, atMs);
  }
}
