import type { Clock } from "@pinchpoint/probe";

/** A clock that stands still until it is moved; all of its time is idle, since calls are waited for. */
export class HandClock implements Clock {
  #nowMs = 0;
  readonly nowMs = (): number => this.#nowMs;
  readonly idleMs = (): number => this.#nowMs;

  pass(ms: number): void {
    this.#nowMs += ms;
  }
}
