import { LANE_BYTES, Lane } from "./message-lane.ts";
import { MAX_THREADS } from "./slot-memory.ts";

/**
 * Trace contexts on their way beside the messages between worker threads and whoever started them, in memory of the main
 * thread: a lane for each worker and direction, taken by its sender when it first has something to say, so that lanes of
 * threads that say nothing cost no memory.
 *
 *   lanes that were taken | … | owner of each lane | lane | lane | …
 */

const LANES = 2 * MAX_THREADS;
/** Int32 word. */
const TAKEN_AT = 0;
const OWNERS_AT = 64;
const LANES_AT = OWNERS_AT + LANES * 8;

export const MESSAGE_LANES_BYTES: number = LANES_AT + LANES * LANE_BYTES;

/** From whoever started a worker to it, or back. */
export type Direction = 0 | 1;
export const TO_WORKER = 0;
export const FROM_WORKER = 1;

export interface LaneOwner {
  /** `threadId` of the worker, whichever of the two sends. */
  readonly workerId: number;
  readonly direction: Direction;
  /** The worker of the main thread that the worker descends from, itself perhaps. */
  readonly topId: number;
}

export class MessageLanes {
  readonly #control: Int32Array;
  readonly #owners: BigInt64Array;
  readonly #memory: SharedArrayBuffer;

  /** @param memory - of MESSAGE_LANES_BYTES, zeroed when it was made */
  constructor(memory: SharedArrayBuffer) {
    this.#control = new Int32Array(memory, 0, OWNERS_AT / 4);
    this.#owners = new BigInt64Array(memory, OWNERS_AT, LANES);
    this.#memory = memory;
  }

  /** Counts up with each lane that is taken: while it stays, there is nothing new to be found. */
  get taken(): number {
    return Atomics.load(this.#control, TAKEN_AT);
  }

  /** A lane for its one sender; null where none is free. */
  take({ workerId, direction, topId }: LaneOwner): Lane | null {
    const owner = (BigInt(topId + 1) << 32n) | BigInt(keyOf(workerId, direction));
    for (let at = 0; at < LANES; at++) {
      if (Atomics.compareExchange(this.#owners, at, 0n, owner) !== 0n) continue;
      Atomics.add(this.#control, TAKEN_AT, 1);
      return this.#lane(at);
    }
    return null;
  }

  /** For the one receiver; null while the sender has taken none. */
  find(workerId: number, direction: Direction): Lane | null {
    const key = BigInt(keyOf(workerId, direction));
    for (let at = 0; at < LANES; at++) {
      if ((Atomics.load(this.#owners, at) & 0xffff_ffffn) === key) return this.#lane(at);
    }
    return null;
  }

  /**
   * A worker has ended, and with it all that descend from it: their lanes are for others.
   *
   * @returns how many contexts nobody has taken
   */
  release(workerId: number): number {
    let left = 0;
    for (let at = 0; at < LANES; at++) {
      const owner = Atomics.load(this.#owners, at);
      const isIts = (owner & 0xffff_fffen) === BigInt(keyOf(workerId, TO_WORKER));
      if (owner === 0n || (!isIts && owner >> 32n !== BigInt(workerId + 1))) continue;
      left += this.#lane(at).clear();
      Atomics.store(this.#owners, at, 0n);
    }
    return left;
  }

  #lane(at: number): Lane {
    return new Lane(this.#memory, LANES_AT + at * LANE_BYTES);
  }
}

/** Never 0; the two of a worker differ in the last bit. */
function keyOf(workerId: number, direction: Direction): number {
  return (workerId + 1) * 2 + direction;
}
