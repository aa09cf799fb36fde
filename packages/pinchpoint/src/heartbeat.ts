import { setImmediate, setInterval } from "node:timers";

/** What is driven by a heartbeat. */
export interface Beating {
  /** Once a second or so, and when the process exits. */
  readonly beat: (isLast: boolean) => void;
  /** When the event loop runs: for what must not begin in the middle of the application's work. */
  readonly turn: () => void;
}

export interface HeartbeatOptions {
  readonly nowMs: () => number;
  /** Runs a function outside of the application's async context. */
  readonly inOwnContext: (begin: () => void) => void;
  /** At the first sign of a recording, in the middle of the application's work: to be quick. */
  readonly begin: () => void;
  /** Loads what is driven, a little later. */
  readonly make: () => Beating;
  /** The first failure, after which there is no beat any more. */
  readonly onFailed: (error: unknown) => void;
}

export const BEAT_MS = 1000;

/** What is driven is loaded this late at most, also where the event loop is never free. */
const MAKE_WITHIN_MS = 50;

/**
 * Once a second, from whichever comes first: a timer that keeps nothing alive, or a moment at which something was
 * recorded anyway, because a pipeline that never waits lets no timer run. It begins at the first sign of a recording,
 * so that a process which records nothing pays nothing. A failure ends it, is told once, and is no failure of the application's.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #beating: Beating | null = null;
  #nextMs = Number.NEGATIVE_INFINITY;
  #isAwake = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /**
   * Something was recorded at `atMs`.
   *
   * @returns from when on it is of use to be told so again
   */
  moment(atMs: number): number {
    if (atMs < this.#nextMs) return this.#nextMs;
    if (!this.#isAwake) this.wake();
    else if (this.#beating === null) this.#guard(() => this.#made());
    else this.#beat(atMs);
    return this.#nextMs;
  }

  wake(): void {
    if (this.#isAwake) return;
    this.#isAwake = true;
    this.#nextMs = this.#options.nowMs() + MAKE_WITHIN_MS;
    this.#guard(() => {
      this.#options.begin();
      this.#options.inOwnContext(() => {
        setImmediate(() => this.#guard(() => this.#made().turn())).unref();
        setInterval(() => this.#turn(), BEAT_MS).unref();
      });
    });
  }

  /** The last beat, when the process exits. */
  end(): void {
    if (this.#isAwake) this.#beat(this.#options.nowMs(), true);
    this.#nextMs = Number.POSITIVE_INFINITY;
  }

  #turn(): void {
    const atMs = this.#options.nowMs();
    // Half a beat of slack: a timer that is a little early must not wait for the next turn.
    if (atMs >= this.#nextMs - BEAT_MS / 2) this.#beat(atMs);
    this.#guard(() => this.#beating?.turn());
  }

  #beat(atMs: number, isLast = false): void {
    if (this.#nextMs === Number.POSITIVE_INFINITY) return;
    this.#guard(() => {
      const beating = this.#made();
      this.#nextMs = atMs + BEAT_MS;
      beating.beat(isLast);
    });
  }

  #made(): Beating {
    if (this.#beating === null) {
      this.#beating = this.#options.make();
      this.#nextMs = this.#options.nowMs() + BEAT_MS;
    }
    return this.#beating;
  }

  #guard(act: () => void): void {
    if (this.#nextMs === Number.POSITIVE_INFINITY) return;
    try {
      act();
    } catch (error) {
      this.#nextMs = Number.POSITIVE_INFINITY;
      this.#options.onFailed(error);
    }
  }
}
