/**
 * Shared memory as the ECMAScript memory model has it (ECMA-262, "Memory Model"; Watt, Pulte, Podkopaev and others,
 * "Repairing and mechanising the JavaScript relaxed memory model", PLDI 2020), one access at a time, in the manner of
 * views (Kang and others, "A promising semantics for relaxed-memory concurrency", POPL 2017, without the promises).
 *
 * A location keeps every value that was ever written to it, in order. A thread's view says, for each location, the oldest
 * of them that it may still read: the last that happens before it.
 *   - A plain write joins at the end, and tells other threads nothing. Each location has one plain writer here.
 *   - A plain read gives any value in view, and does not move the view: two plain reads may go backward.
 *   - An atomic read takes over the view of the atomic write that it reads.
 *   - An atomic write or read-modify-write takes any place in the order that its view allows, not only the last: an
 *     atomic access need not be ordered with plain accesses of its own thread before it by anything but who reads whom.
 *   - Nothing ever comes between a read-modify-write and what it read.
 *
 * This is weaker than TSO: loads pass loads and stores pass stores. For one atomic location it is the standard's model
 * exactly, but for executions in which values are read before what they depend on (cycles of program order and reading).
 * Such a cycle needs a writer that reads what the reader wrote, and the only such step of this protocol is its
 * read-modify-write, which synchronizes, so that the standard forbids the cycle. Where there are several atomic
 * locations, it allows more than the standard, which has one order for all of them. A double may be torn in halves: that
 * is the case of two words.
 */
export type Order = "sequential" | "weak";

interface Written {
  readonly value: number;
  /** What was in its thread's view; null for a plain write. */
  readonly view: readonly number[] | null;
  /** Whether it is the write of a read-modify-write, which nothing separates from the one before it. */
  readonly isGlued: boolean;
}

export interface Memory {
  /** By location, oldest first. */
  readonly written: readonly (readonly Written[])[];
  /** By thread and location: the oldest position that it may read. */
  readonly views: readonly (readonly number[])[];
}

/** One access: plain `read` and `write`, the others of `Atomics`. */
export interface Access {
  readonly kind: "read" | "write" | "load" | "store" | "add" | "exchange";
  readonly location: number;
  /** What is written or added; unused by reads. */
  readonly value: number;
}

export interface Outcome {
  readonly memory: Memory;
  /** What the access gives to the program. */
  readonly answer: number;
}

export function initialMemory(values: readonly number[], threads: number): Memory {
  const start = values.map(() => 0);
  return {
    written: values.map((value) => [{ value, view: start, isGlued: false }]),
    views: Array.from({ length: threads }, () => start),
  };
}

/** Everything that may come of an access, at least one; under sequential consistency exactly one. */
export function outcomes(memory: Memory, thread: number, access: Access, order: Order): readonly Outcome[] {
  const { kind, location } = access;
  const written = memory.written[location] as readonly Written[];
  const last = written.length - 1;
  const oldest = order === "weak" ? ((memory.views[thread] as readonly number[])[location] as number) : last;
  const found: Outcome[] = [];
  if (kind === "write") return [{ memory: withWrite(memory, thread, access, last + 1, false), answer: access.value }];
  for (let at = last; at >= oldest; at--) {
    const { value } = written[at] as Written;
    if (kind === "read") found.push({ memory, answer: value });
    else if (kind === "load") found.push({ memory: acquired(memory, thread, location, at), answer: value });
    else if (written[at + 1]?.isGlued !== true) {
      const before = kind === "store" ? memory : acquired(memory, thread, location, at);
      const put = (kind === "add" ? value + access.value : access.value) | 0;
      const after = withWrite(before, thread, { ...access, value: put }, at + 1, kind !== "store");
      found.push({ memory: after, answer: kind === "store" ? put : value });
    }
  }
  return found;
}

/** What a thread knows when another one has ended and it was told so: all that the other one did. */
export function joined(memory: Memory, thread: number, ended: number): Memory {
  return withView(memory, thread, later(memory.views[thread], memory.views[ended]));
}

function acquired(memory: Memory, thread: number, location: number, at: number): Memory {
  const { view } = (memory.written[location] as readonly Written[])[at] as Written;
  if (view === null) return memory;
  return withView(memory, thread, later(memory.views[thread], replaced(view, location, at)));
}

function withWrite(memory: Memory, thread: number, access: Access, at: number, isGlued: boolean): Memory {
  const { location, value, kind } = access;
  const moved = makeRoom(memory, location, at);
  const view = replaced(moved.views[thread], location, at);
  const written = moved.written.map((list, each) => {
    if (each !== location) return list;
    return [...list.slice(0, at), { value, view: kind === "write" ? null : view, isGlued }, ...list.slice(at)];
  });
  return withView({ ...moved, written }, thread, view);
}

/** Positions from `at` on are one later in every view. */
function makeRoom(memory: Memory, location: number, at: number): Memory {
  if (at === memory.written[location]?.length) return memory;
  const shifted = (view: readonly number[]) =>
    (view[location] as number) >= at ? replaced(view, location, (view[location] as number) + 1) : view;
  return {
    written: memory.written.map((list) =>
      list.map((each) => (each.view === null ? each : { ...each, view: shifted(each.view) })),
    ),
    views: memory.views.map(shifted),
  };
}

function withView(memory: Memory, thread: number, view: readonly number[]): Memory {
  return { ...memory, views: memory.views.map((each, index) => (index === thread ? view : each)) };
}

function replaced(view: readonly number[] = [], location: number, at: number): readonly number[] {
  return view.map((each, index) => (index === location ? Math.max(at, 0) : each));
}

function later(one: readonly number[] = [], other: readonly number[] = []): readonly number[] {
  return one.map((each, index) => Math.max(each, other[index] as number));
}
