import { readSync, writeSync } from "node:fs";

/** What one turn of an application took. */
export interface TurnTaken {
  readonly wallMs: number;
  /** CPU time of its main thread. */
  readonly loopMs: number;
  /** CPU time of all its threads. */
  readonly cpuMs: number;
  /** Whether the application has ended with it. */
  readonly isLast: boolean;
}

/** One turn, as the application sees it whose turn it is; between turns its main thread stands still. */
export class Turn {
  readonly #startMs = performance.now();
  readonly #startLoopMs = milliseconds(process.threadCpuUsage());
  readonly #startCpuMs = milliseconds(process.cpuUsage());

  private constructor() {}

  /** Stands still until a line on stdin says that it is this application's turn. */
  static awaited(): Turn {
    readSync(0, Buffer.alloc(1));
    return new Turn();
  }

  /** The turn is over: tells on stdout what it took. */
  end(isLast: boolean): void {
    const taken: TurnTaken = {
      wallMs: performance.now() - this.#startMs,
      loopMs: milliseconds(process.threadCpuUsage()) - this.#startLoopMs,
      cpuMs: milliseconds(process.cpuUsage()) - this.#startCpuMs,
      isLast,
    };
    writeSync(1, `${JSON.stringify(taken)}\n`);
  }
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}
