import type { Clock } from "@pinchpoint/probe";

interface Timer {
  readonly atMs: number;
  readonly wake: () => void;
}

/** Turns of the event loop, of some microseconds each, that real work in other threads is waited for. */
const MAX_TURNS = 100_000;

/** Time that only work moves: `spin` as if it kept the thread busy, `wait` as if something else were busy for us. */
export class VirtualTime {
  #nowMs = 1000;
  #idleMs = 0;
  #timers: Timer[] = [];
  readonly clock: Clock = { nowMs: () => this.#nowMs, idleMs: () => this.#idleMs };

  spin(ms: number): void {
    this.#nowMs += ms;
  }

  wait(ms: number): Promise<void> {
    return new Promise((wake) => this.#timers.push({ atMs: this.#nowMs + ms, wake }));
  }

  /** Until everything has settled that can without time passing. */
  async settle(): Promise<void> {
    // Ticks and microtasks are all done before an immediate; what they make of real I/O takes some more.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Lets this much time pass, and all that happens in it. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await this.settle();
    while (this.#wakeNext(untilMs)) await this.settle();
    this.#idleUntil(untilMs);
  }

  /** Lets real work in other threads (zlib, files) come to its end: no time passes meanwhile. */
  async settleUntil(isSo: () => boolean): Promise<void> {
    for (let turn = 0; turn < MAX_TURNS && !isSo(); turn++) await this.settle();
    if (!isSo()) throw new Error(`it did not come about: ${isSo}`);
  }

  /** Lets time pass until `work` is settled. */
  async until<T>(work: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = work.finally(() => {
      isSettled = true;
    });
    settled.catch(() => {});
    await this.settle();
    while (!isSettled) {
      if (!this.#wakeNext(Number.POSITIVE_INFINITY)) await this.settleUntil(() => isSettled || this.#timers.length > 0);
      await this.settle();
    }
    return settled;
  }

  #wakeNext(untilMs: number): boolean {
    this.#timers.sort((a, b) => a.atMs - b.atMs);
    const next = this.#timers[0];
    if (next === undefined || next.atMs > untilMs) return false;
    this.#timers.shift();
    this.#idleUntil(next.atMs);
    next.wake();
    return true;
  }

  #idleUntil(atMs: number): void {
    // A timer that came due while the thread was busy fires late.
    const idleMs = Math.max(0, atMs - this.#nowMs);
    this.#nowMs += idleMs;
    this.#idleMs += idleMs;
  }
}
