import { LOSS_REASONS } from "./losses.ts";
import { CONTROL, MAX_THREADS, SLOT_BYTES, type SlotMemory, slotAt } from "./slot-memory.ts";

/**
 * A slot of the arena: which thread has it, and what that is called. A thread claims one with a single compare-exchange
 * of who it is, so that it is known whose a slot is also where the thread is terminated in the middle of claiming it.
 * Only the main thread gives slots back.
 *
 *   owner (two words) | phase | freed as the nth | is main | length of the lineage | lineage … | osThreadId | endedAtMs | name | losses
 */

/** Slots that are given before one is used again: so many threads stay apart, however short they live. */
const KEPT_APART = 16;
/** Nearest to the main thread first; those of deeper ones are left out. */
const MAX_LINEAGE = 8;

/** Int32 words of a slot. */
const OWNER_AT = 0;
const PHASE_AT = 2;
const FREED_AT = 3;
const IS_MAIN_AT = 4;
const LINEAGE_LENGTH_AT = 5;
const LINEAGE_AT = 8;
/** 8-byte words of a slot. */
const OS_THREAD_ID_AT = 8;
const ENDED_AT = 9;
const NAME_AT = 10;
const NAME_BYTES = 56;
const LOSSES_AT = 17;

/** What becomes of a slot that is claimed. */
export const SLOT_PHASE = {
  /** Its thread has not said what it is called; it may have died before. */
  claimed: 0,
  recording: 1,
  ended: 2,
  /** Its thread died before it recorded. */
  vacant: 3,
} as const;

/** Which thread has a slot. */
export interface SlotOwner {
  /** `threadId` of worker_threads; 0 = the main thread. */
  readonly workerId: number;
  /** The worker of the main thread that it descends from, itself perhaps. */
  readonly topId: number;
}

export interface Occupant {
  readonly name: string;
  readonly osThreadId: number | null;
  readonly workerId: number;
  readonly lineage?: readonly number[];
}

export class ThreadSlot {
  readonly slot: number;
  readonly #ints: Int32Array;
  readonly #words: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #owner: BigInt64Array;

  constructor(memory: SlotMemory, slot: number) {
    this.slot = slot;
    const { buffer } = memory.ints;
    const at = slotAt(slot);
    this.#ints = new Int32Array(buffer, at, SLOT_BYTES / 4);
    this.#words = new Float64Array(buffer, at, SLOT_BYTES / 8);
    this.#bytes = new Uint8Array(buffer, at + NAME_AT * 8, NAME_BYTES);
    this.#owner = new BigInt64Array(buffer, at + OWNER_AT * 4, 1);
  }

  /** Null where it is free. */
  get owner(): SlotOwner | null {
    const owner = Atomics.load(this.#owner, 0);
    if (owner === 0n) return null;
    return { workerId: Number(owner & 0xffff_ffffn) - 1, topId: Number(owner >> 32n) - 1 };
  }

  /** One of SLOT_PHASE. */
  get phase(): number {
    return Atomics.load(this.#ints, PHASE_AT);
  }

  get isMain(): boolean {
    return this.#ints[IS_MAIN_AT] === 1;
  }

  get osThreadId(): number | null {
    return (this.#words[OS_THREAD_ID_AT] as number) || null;
  }

  get endedAtMs(): number {
    return this.#words[ENDED_AT] as number;
  }

  /** What the thread is called; longer names are cut at 55 bytes of UTF-8. */
  get name(): string {
    const length = Math.min(this.#bytes[0] as number, NAME_BYTES - 1);
    return new TextDecoder().decode(this.#bytes.slice(1, 1 + length));
  }

  /** Where it is in the order in which slots are given; null = not free. */
  get place(): number | null {
    if (this.owner !== null) return null;
    const freedAs = Atomics.load(this.#ints, FREED_AT);
    if (freedAs > 0) return MAX_THREADS + freedAs;
    return this.slot < KEPT_APART ? this.slot : 2 ** 32 + this.slot;
  }

  /** @returns false where another thread was faster */
  claim({ name, osThreadId, workerId, lineage = [] }: Occupant, isMain: boolean): boolean {
    const topId = lineage[0] ?? workerId;
    const owner = (BigInt(topId + 1) << 32n) | BigInt(workerId + 1);
    if (Atomics.compareExchange(this.#owner, 0, 0n, owner) !== 0n) return false;
    this.#ints[IS_MAIN_AT] = isMain ? 1 : 0;
    this.#words[OS_THREAD_ID_AT] = osThreadId ?? 0;
    this.#words[ENDED_AT] = 0;
    this.#bytes[0] = new TextEncoder().encodeInto(name, this.#bytes.subarray(1)).written;
    const known = lineage.slice(0, MAX_LINEAGE);
    this.#ints.set(known, LINEAGE_AT);
    this.#ints[LINEAGE_LENGTH_AT] = known.length;
    Atomics.store(this.#ints, PHASE_AT, SLOT_PHASE.recording);
    return true;
  }

  /** Whether its thread is that worker, or descends from it. */
  isOf(workerId: number): boolean {
    const { owner } = this;
    if (owner === null || owner.workerId === 0) return false;
    if (owner.workerId === workerId || owner.topId === workerId) return true;
    if (this.phase === SLOT_PHASE.claimed) return false;
    const length = this.#ints[LINEAGE_LENGTH_AT] as number;
    return this.#ints.subarray(LINEAGE_AT, LINEAGE_AT + length).includes(workerId);
  }

  /** Its thread has ended. Said again it changes nothing. */
  end(atMs: number): void {
    const { phase } = this;
    if (phase === SLOT_PHASE.recording) {
      this.#words[ENDED_AT] = atMs;
      Atomics.store(this.#ints, PHASE_AT, SLOT_PHASE.ended);
    } else if (phase === SLOT_PHASE.claimed) Atomics.store(this.#ints, PHASE_AT, SLOT_PHASE.vacant);
  }

  /** Gives the slot back. Belongs to the main thread. @param nth - slots that were given back before, and this one */
  free(nth: number): void {
    Atomics.store(this.#ints, PHASE_AT, SLOT_PHASE.claimed);
    Atomics.store(this.#ints, FREED_AT, nth);
    Atomics.store(this.#owner, 0, 0n);
  }

  /** Counts of all threads that have had the slot: each goes on where the one before it stopped. */
  lose(lossIndex: number): void {
    this.#words[LOSSES_AT + lossIndex] = (this.#words[LOSSES_AT + lossIndex] as number) + 1;
  }

  /** Counts by position in LOSS_REASONS. */
  losses(): Float64Array {
    return this.#words.slice(LOSSES_AT, LOSSES_AT + LOSS_REASONS.length);
  }
}

/** All slots of an arena, in their order. */
export function slotsOf(memory: SlotMemory): ThreadSlot[] {
  return Array.from({ length: MAX_THREADS }, (_, slot) => new ThreadSlot(memory, slot));
}

/**
 * A slot for a thread: fresh ones first, so that threads stay apart, but not so many that each snapshot tells of threads
 * which are long gone; then those that were given back, the oldest first. Null, and counted, where none is left.
 */
export function claimSlot(memory: SlotMemory, occupant: Occupant, isMain: boolean): ThreadSlot | null {
  const slots = slotsOf(memory);
  for (;;) {
    const next = firstOf(slots);
    if (next === null) {
      Atomics.add(memory.ints, CONTROL.refusedThreads, 1);
      return null;
    }
    if (next.claim(occupant, isMain)) return next;
  }
}

function firstOf(slots: readonly ThreadSlot[]): ThreadSlot | null {
  let first: ThreadSlot | null = null;
  let firstPlace = Number.POSITIVE_INFINITY;
  for (const slot of slots) {
    const place = slot.place;
    if (place === null || place >= firstPlace) continue;
    first = slot;
    firstPlace = place;
  }
  return first;
}
