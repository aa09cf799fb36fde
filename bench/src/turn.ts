import { readSync, writeSync } from "node:fs";

/** Between two looks at whether it is the application's turn, where looking does not wait. */
const PAUSE_MS = 5;
const nobody = new Int32Array(new SharedArrayBuffer(4));

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
    while (!isAllowed()) Atomics.wait(nobody, 0, 0, PAUSE_MS);
    return new Turn();
  }

  /** What it has taken so far, in milliseconds. */
  get wallMs(): number {
    return performance.now() - this.#startMs;
  }

  /** The turn is over: tells on stdout what it took. */
  end(isLast: boolean): void {
    const taken: TurnTaken = {
      wallMs: this.wallMs,
      loopMs: milliseconds(process.threadCpuUsage()) - this.#startLoopMs,
      cpuMs: milliseconds(process.cpuUsage()) - this.#startCpuMs,
      isLast,
    };
    writeSync(1, `${JSON.stringify(taken)}\n`);
  }
}

/** Waits for a line, unless somebody has touched `process.stdin`, which ends that: importing `node:process` is enough. */
function isAllowed(): boolean {
  try {
    readSync(0, Buffer.alloc(1));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return false;
    throw error;
  }
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}
