import { SEGMENT_BYTES, type SlabMemory } from "./slab.ts";

/**
 * The memory of all threads of a process: one buffer, reserved at once and never resized. Pages that nobody has touched
 * cost nothing. Each slot, which is for one thread at a time, has a segment of rows of its own; the other segments are
 * for whoever needs more.
 *
 *   control | slot 0 | slot 1 | … | owners of the further segments | segment 0 | segment 1 | …
 */

/** Threads that record at once, the main thread among them. */
export const MAX_THREADS = 80;
/** Further segments, for all threads together. */
const FURTHER_SEGMENTS = 320;

/** Int32 words at the beginning of the arena. */
export const CONTROL = {
  /** How many traces a thread may begin in a second; 0 = nobody keeps spans. */
  tracesPerSecond: 0,
  /** Threads that found no slot. */
  refusedThreads: 1,
  /** Counts up each time that a row or a segment is given back. */
  freed: 2,
  /** 1 = somebody may keep spans, now or later. */
  spansWanted: 3,
  /** 1 = code of a worker thread makes spans of its own. */
  spansMade: 4,
} as const;
const CONTROL_BYTES = 64;
/** Threads write into their slots: none shares a cache line with another one. */
export const SLOT_BYTES = 320;
const OWNERS_AT = CONTROL_BYTES + MAX_THREADS * SLOT_BYTES;
const SEGMENTS_AT = OWNERS_AT + FURTHER_SEGMENTS * 4;

export const ARENA_BYTES: number = SEGMENTS_AT + (MAX_THREADS + FURTHER_SEGMENTS) * SEGMENT_BYTES;
/** Room for a main thread alone, where memory is short or cannot be shared. */
const SMALL_ARENA_BYTES = SEGMENTS_AT + (MAX_THREADS + 32) * SEGMENT_BYTES;

export type ArenaBuffer = SharedArrayBuffer | ArrayBuffer;

/** How memory is got, which may fail. */
export interface Allocation {
  readonly shared: (bytes: number) => SharedArrayBuffer;
  readonly own: (bytes: number) => ArrayBuffer;
}

const ALLOCATION: Allocation = {
  shared: (bytes) => new SharedArrayBuffer(bytes),
  own: (bytes) => new ArrayBuffer(bytes),
};

/**
 * Memory for a process: shared, or where that is missing or refused, memory of the main thread's own, which no worker
 * can record into.
 *
 * @throws what the allocation throws where there is no memory at all
 */
export function allocateArena(allocation: Allocation = ALLOCATION): ArenaBuffer {
  for (const bytes of [ARENA_BYTES, SMALL_ARENA_BYTES]) {
    try {
      return allocation.shared(bytes);
    } catch {
      // Less may do.
    }
  }
  return allocation.own(SMALL_ARENA_BYTES);
}

/** @throws what the allocation throws */
export function sharedMemory(bytes: number, { shared }: Allocation = ALLOCATION): SharedArrayBuffer {
  return shared(bytes);
}

export function isShared(buffer: ArenaBuffer): buffer is SharedArrayBuffer {
  return typeof SharedArrayBuffer === "function" && buffer instanceof SharedArrayBuffer;
}

/** Views on the arena, and who has which of its segments. */
export class Arena implements SlabMemory {
  readonly ints: Int32Array;
  readonly words: Float64Array;
  readonly bytes: Uint8Array;
  /** How many segments there are beside those of the slots. */
  readonly #further: number;

  constructor(buffer: ArenaBuffer) {
    this.ints = new Int32Array(buffer);
    this.words = new Float64Array(buffer);
    this.bytes = new Uint8Array(buffer);
    this.#further = Math.floor((buffer.byteLength - SEGMENTS_AT) / SEGMENT_BYTES) - MAX_THREADS;
  }

  get segmentCount(): number {
    return MAX_THREADS + this.#further;
  }

  get freed(): number {
    return Atomics.load(this.ints, CONTROL.freed);
  }

  /** First byte of a slot. */
  slotAt(slot: number): number {
    return CONTROL_BYTES + slot * SLOT_BYTES;
  }

  segmentAt(segment: number): number {
    return SEGMENTS_AT + segment * SEGMENT_BYTES;
  }

  segmentsOf(slot: number): number[] {
    const segments = [slot];
    for (let further = 0; further < this.#further; further++) {
      if (Atomics.load(this.ints, ownerAt(further)) === slot + 1) segments.push(MAX_THREADS + further);
    }
    return segments;
  }

  /** The lowest that is free, so that memory which was touched is used before other. */
  grow(slot: number): number | null {
    for (let further = 0; further < this.#further; further++) {
      // To claim is to own: a thread that is terminated in the middle of it leaves nothing without an owner.
      if (Atomics.compareExchange(this.ints, ownerAt(further), 0, slot + 1) === 0) return MAX_THREADS + further;
    }
    return null;
  }

  /** Gives further segments back, whose rows are free. Belongs to the main thread. */
  shrink(slot: number): void {
    for (const segment of this.segmentsOf(slot)) {
      if (segment >= MAX_THREADS) Atomics.store(this.ints, ownerAt(segment - MAX_THREADS), 0);
    }
    this.noteFreed();
  }

  noteFreed(): void {
    Atomics.add(this.ints, CONTROL.freed, 1);
  }
}

function ownerAt(further: number): number {
  return OWNERS_AT / 4 + further;
}
