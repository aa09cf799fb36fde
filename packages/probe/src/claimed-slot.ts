import type { Attachments } from "./any-recorder.ts";
import { CONTROL, type SlotMemory } from "./slot-memory.ts";
import { claimSlot, type ThreadSlot } from "./thread-slot.ts";

/** Which operating-system thread a recorder writes for. */
export interface ThreadIdentity {
  readonly name: string;
  readonly osThreadId: number | null;
  /** `threadId` of worker_threads; 0 in the main thread. */
  readonly workerId: number;
  /**
   * `threadId` of the worker threads that it descends from, that of the main thread's first: when one of them ends, it
   * has ended too. Default: the main thread has started it.
   */
  readonly lineage?: readonly number[];
}

/** What a worker thread needs in order to record into memory that its process owns. Survives structured clone. */
export interface SlabShare {
  /** Null where memory cannot be shared: then worker threads do not record. */
  readonly arena: SharedArrayBuffer | null;
  /** A ring of ended spans for each slot, one after the other; null where there is no memory for them. */
  readonly spans: SharedArrayBuffer | null;
  /** Trace contexts of messages; null where there is no memory for them. */
  readonly messages: SharedArrayBuffer | null;
}

/** A slot of a worker thread's, which its recorder will write into. */
export interface ClaimedSlot {
  readonly share: SlabShare;
  readonly memory: SharedArrayBuffer;
  readonly slot: ThreadSlot;
  readonly attachments: Attachments;
}

/** Null, and counted in the process, where all slots are taken; null where memory cannot be shared. */
export function claimForWorker(share: SlabShare, identity: ThreadIdentity): ClaimedSlot | null {
  const { arena: memory } = share;
  if (memory === null) return null;
  const slot = claimSlot({ ints: new Int32Array(memory) }, identity, false);
  return slot === null ? null : { share, memory, slot, attachments: new Map() };
}

/** Whether somebody may keep spans, now or later. */
export function areSpansWanted(memory: SlotMemory): boolean {
  return Atomics.load(memory.ints, CONTROL.spansWanted) === 1;
}

/** How many traces a stage may begin in a second on a thread; 0 = nobody keeps spans now. */
export function tracesPerSecond(memory: SlotMemory): number {
  return Atomics.load(memory.ints, CONTROL.tracesPerSecond);
}
