import { expect, test } from "vitest";
import { ARENA_BYTES, Arena } from "../src/arena.ts";
import { MAX_THREADS } from "../src/slot-memory.ts";
import { claimSlot, SLOT_PHASE, slotsOf, ThreadSlot } from "../src/thread-slot.ts";

const newArena = () => new Arena(new SharedArrayBuffer(ARENA_BYTES));
const thread = (workerId: number, lineage: readonly number[] = []) => ({
  name: `w${workerId}`,
  osThreadId: null,
  workerId,
  lineage,
});

test("fresh slots come first, then those that were given back, the oldest first, and further fresh ones last", () => {
  const arena = newArena();
  const claim = (workerId: number) => claimSlot(arena, thread(workerId), false)?.slot;
  expect(Array.from({ length: 14 }, (_, at) => claim(at + 1))).toEqual(Array.from({ length: 14 }, (_, at) => at));
  const slots = slotsOf(arena);
  slots[9]?.free(1);
  slots[2]?.free(2);
  expect([15, 16, 17, 18, 19].map(claim)).toEqual([14, 15, 9, 2, 16]);
});

test("as many threads as there are slots have one at once; one more is counted", () => {
  const arena = newArena();
  const slots = Array.from({ length: MAX_THREADS }, (_, at) => claimSlot(arena, thread(at + 1), false)?.slot);
  expect(new Set(slots).size).toBe(MAX_THREADS);
  expect(MAX_THREADS).toBeGreaterThanOrEqual(64);
  expect(claimSlot(arena, thread(99), false)).toBeNull();
  expect(arena.ints[1]).toBe(1);
});

test("of two threads that want one slot only the first gets it, and the other another one", () => {
  const arena = newArena();
  const seen = new ThreadSlot(arena, 0);
  const place = Object.getOwnPropertyDescriptor(ThreadSlot.prototype, "place") as PropertyDescriptor;
  // Another thread claims the slot just after this one has seen that it is free.
  let isStolen = false;
  Object.defineProperty(ThreadSlot.prototype, "place", {
    ...place,
    get(this: ThreadSlot) {
      const told = place.get?.call(this);
      if (this.slot === MAX_THREADS - 1 && !isStolen) isStolen = seen.claim(thread(1), false);
      return told;
    },
  });
  try {
    expect(claimSlot(arena, thread(2), false)?.slot).toBe(1);
  } finally {
    Object.defineProperty(ThreadSlot.prototype, "place", place);
  }
  expect([seen.owner?.workerId, seen.name]).toEqual([1, "w1"]);
});

test("a thread ends with each of those that it descends from, and with no other", () => {
  const arena = newArena();
  const slot = claimSlot(arena, thread(9, [3, 5]), false) as ThreadSlot;
  expect([3, 5, 9, 0, 4, 10].map((workerId) => slot.isOf(workerId))).toEqual([true, true, true, false, false, false]);
  slot.end(7);
  slot.end(9);
  expect([slot.phase, slot.endedAtMs]).toEqual([SLOT_PHASE.ended, 7]);
});

test("a slot whose thread died while it was claiming it is known by the thread and the worker that it descends from", () => {
  const arena = newArena();
  const slot = new ThreadSlot(arena, 4);
  const store = Atomics.store;
  // All that a thread does after its claim is lost, as if it had been terminated there.
  Atomics.store = (() => {
    throw new Error("terminated");
  }) as typeof Atomics.store;
  try {
    expect(() => slot.claim(thread(9, [3, 5]), false)).toThrow("terminated");
  } finally {
    Atomics.store = store;
  }
  expect([slot.phase, slot.owner]).toEqual([SLOT_PHASE.claimed, { workerId: 9, topId: 3 }]);
  expect([3, 9, 4].map((workerId) => slot.isOf(workerId))).toEqual([true, true, false]);
  slot.end(7);
  expect(slot.phase).toBe(SLOT_PHASE.vacant);
});
