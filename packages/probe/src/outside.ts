import type { Clock } from "./clock.ts";
import { HoldAccount, type LoopHold } from "./loop-hold.ts";
import { COUNTER } from "./slab.ts";

/** Where what holds the loop outside of all stages is counted, by name. */
export interface OutsideHold {
  readonly name: string;
  readonly heldSeconds: number;
}

/**
 * Something outside of all stages that holds the event loop for as long as it runs, such as a timer's callback. Without
 * it, that time would be charged to the stages whose work is under way.
 */
export class OutsideHolder implements OutsideHold {
  readonly name: string;
  readonly #words = new Float64Array(COUNTER.loopOverlapMs + 1);
  readonly #account = new HoldAccount(this.#words, 0, true);
  readonly #loop: LoopHold;
  readonly #clock: Clock;

  constructor(name: string, loop: LoopHold, clock: Clock) {
    this.name = name;
    this.#loop = loop;
    this.#clock = clock;
  }

  get heldSeconds(): number {
    return (this.#words[COUNTER.loopHeldMs] as number) / 1000;
  }

  /** Runs a function, which holds the loop until it returns or throws; what stages do within it is theirs. */
  // biome-ignore lint/suspicious/noExplicitAny: as the foreign function has it
  run<Self, Args extends any[], T>(work: (this: Self, ...args: Args) => T, self: Self, args: Args): T {
    const previous = this.#loop.hold(this.#account, this.#clock.nowMs());
    try {
      return Reflect.apply(work, self, args);
    } finally {
      this.#loop.release(previous, this.#clock.nowMs());
    }
  }
}
