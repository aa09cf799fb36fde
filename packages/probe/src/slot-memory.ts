/**
 * The beginning of a process's memory (arena.ts): what concerns all of its threads, and a slot for each. A thread that has
 * nothing to record yet knows no more of the arena than this.
 */

/** Threads that record at once, the main thread among them. */
export const MAX_THREADS = 80;

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

/** First byte after the slots. */
export const SLOTS_END: number = CONTROL_BYTES + MAX_THREADS * SLOT_BYTES;

/** A view on the arena. */
export interface SlotMemory {
  readonly ints: Int32Array;
}

/** First byte of a slot. */
export function slotAt(slot: number): number {
  return CONTROL_BYTES + slot * SLOT_BYTES;
}
