/** How far a caller that was held up elsewhere may catch up, milliseconds. */
const burstMs = 100;

/** A token bucket: rows are let through at a steady rate, with a burst of 100 ms at most. */
export class RateLimit {
  readonly #rowsPerMs: number;
  #freeAtMs = Number.NEGATIVE_INFINITY;

  /** @param rowsPerSecond - finite, > 0 */
  constructor(rowsPerSecond: number) {
    this.#rowsPerMs = rowsPerSecond / 1000;
  }

  /** Books `rows` at the time `nowMs` and tells how long to wait before they may go, milliseconds. */
  book(rows: number, nowMs: number): number {
    const startMs = Math.max(this.#freeAtMs, nowMs - burstMs);
    this.#freeAtMs = startMs + rows / this.#rowsPerMs;
    return Math.max(0, startMs - nowMs);
  }
}
