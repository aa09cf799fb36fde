import type { Worker } from "node:worker_threads";
import { heapOf, loopTimes, type SpaceBytes, spaceNames, type ThreadHeap, threadTimes } from "@pinchpoint/machine";
import type { Recorder, ThreadDefinition } from "@pinchpoint/probe";
import type { OutsideSnapshot, ThreadSnapshot } from "@pinchpoint/verdict";

type Times = "cpuSeconds" | "runQueueSeconds" | "loopActiveSeconds" | "loopIdleSeconds";
type Reading = Pick<ThreadSnapshot, Times>;

const UNKNOWN: Reading = { cpuSeconds: null, runQueueSeconds: null, loopActiveSeconds: null, loopIdleSeconds: null };

export interface ThreadSources {
  readonly cpu: (osThreadId: number) => Pick<Reading, "cpuSeconds" | "runQueueSeconds">;
  /** Null where the thread's loop cannot be asked: it has ended, or another thread than the main one started it. */
  readonly loop: (thread: ThreadDefinition) => Pick<Reading, "loopActiveSeconds" | "loopIdleSeconds"> | null;
  /** Null where the thread told nothing. */
  readonly heap: (thread: ThreadDefinition) => ThreadHeap | null;
  /** Names of the heap's spaces, in the order in which threads tell them. */
  readonly spaceNames: () => readonly string[];
  /** What held the thread's loop outside of its stages. */
  readonly outside: (thread: ThreadDefinition) => readonly OutsideSnapshot[];
}

/** A thread's line of the recording, and what only metrics tell. */
export interface ReadThread {
  readonly snapshot: ThreadSnapshot;
  readonly collections: ThreadHeap["collections"];
  readonly spaces: readonly (SpaceBytes & { readonly name: string })[];
}

/** The threads of one slot. */
interface SlotReading {
  /** Whose `last` is. */
  readonly workerId: number;
  /** Of the threads that had the slot before. */
  readonly before: Reading;
  readonly last: Reading;
}

/**
 * What the threads of each slot took of their cores and their loops. It never falls: a thread that ended keeps its last
 * reading, and another one that has its slot adds to it.
 */
export class ThreadReadings {
  readonly #sources: ThreadSources;
  readonly #slots = new Map<number, SlotReading>();
  #spaceNames: readonly string[] | null = null;

  constructor(sources: ThreadSources) {
    this.#sources = sources;
  }

  /** @param cpu - in place of the source, where somebody has just read it for all threads */
  read(threads: readonly ThreadDefinition[], cpu: ThreadSources["cpu"] = this.#sources.cpu): ReadThread[] {
    return threads.map((thread) => {
      const known = this.#slotOf(thread);
      // The system may have given an ended thread's id to another one.
      const last = thread.endedAtMs === null ? this.#now(thread, known.last, cpu) : known.last;
      this.#slots.set(thread.id, { ...known, last });
      const reading = sumOf(known.before, last);
      const heap = this.#sources.heap(thread);
      const outside = this.#sources.outside(thread);
      return {
        snapshot: { thread: thread.id, ...reading, ...heapSnapshot(heap), outside },
        collections: heap?.collections ?? [],
        spaces: thread.endedAtMs === null ? this.#named(heap?.spaces ?? []) : [],
      };
    });
  }

  #slotOf({ id, workerId }: ThreadDefinition): SlotReading {
    const known = this.#slots.get(id);
    if (known === undefined) return { workerId, before: UNKNOWN, last: UNKNOWN };
    return known.workerId === workerId ? known : { workerId, before: sumOf(known.before, known.last), last: UNKNOWN };
  }

  #named(spaces: readonly SpaceBytes[]): ReadThread["spaces"] {
    if (spaces.length === 0) return [];
    this.#spaceNames ??= this.#sources.spaceNames();
    return this.#spaceNames.flatMap((name, place) => {
      const space = spaces[place];
      return space === undefined ? [] : [{ name, ...space }];
    });
  }

  #now(thread: ThreadDefinition, last: Reading, cpuOf: ThreadSources["cpu"]): Reading {
    const cpu = thread.osThreadId === null ? UNKNOWN : cpuOf(thread.osThreadId);
    const loop = this.#sources.loop(thread) ?? UNKNOWN;
    return {
      cpuSeconds: later(last.cpuSeconds, cpu.cpuSeconds),
      runQueueSeconds: later(last.runQueueSeconds, cpu.runQueueSeconds),
      loopActiveSeconds: later(last.loopActiveSeconds, loop.loopActiveSeconds),
      loopIdleSeconds: later(last.loopIdleSeconds, loop.loopIdleSeconds),
    };
  }
}

function heapSnapshot(heap: ThreadHeap | null) {
  if (heap === null) return { gcSeconds: null, markSweepSeconds: null, heapBytes: null, heapLimitBytes: null };
  const { collections, heapBytes, heapLimitBytes } = heap;
  const secondsOf = (kinds: typeof collections) => kinds.reduce((sum, { sumSeconds }) => sum + sumSeconds, 0);
  return {
    gcSeconds: secondsOf(collections),
    markSweepSeconds: secondsOf(collections.filter(({ kind }) => kind !== "minor")),
    heapBytes,
    heapLimitBytes,
  };
}

/** The sources of this process, asked from its main thread. */
export function threadSources(
  recorder: Recorder,
  workers: ReadonlyMap<number, Worker>,
  board: ArrayBufferLike,
): ThreadSources {
  return {
    heap: ({ id, workerId }) => heapOf(board, id, workerId),
    spaceNames,
    // Names stay in their thread; only the main thread's are known here.
    outside: ({ role }) =>
      role === "main" ? recorder.outsideHolds().map(({ name, heldSeconds: seconds }) => ({ name, seconds })) : [],
    cpu: (osThreadId) => threadTimes(osThreadId),
    loop: (thread) => {
      const worker = thread.role === "main" ? undefined : workers.get(thread.workerId);
      if (thread.role !== "main" && worker === undefined) return null;
      const { activeSeconds, idleSeconds } = worker === undefined ? loopTimes() : loopTimes(worker.performance);
      // Node measures it by `process.hrtime`, in the place of which fake timers put their own.
      return activeSeconds >= 0 ? { loopActiveSeconds: activeSeconds, loopIdleSeconds: idleSeconds } : null;
    },
  };
}

function sumOf(one: Reading, other: Reading): Reading {
  const sum = (a: number | null, b: number | null) => (a === null ? b : a + (b ?? 0));
  return {
    cpuSeconds: sum(one.cpuSeconds, other.cpuSeconds),
    runQueueSeconds: sum(one.runQueueSeconds, other.runQueueSeconds),
    loopActiveSeconds: sum(one.loopActiveSeconds, other.loopActiveSeconds),
    loopIdleSeconds: sum(one.loopIdleSeconds, other.loopIdleSeconds),
  };
}

function later(last: number | null, now: number | null): number | null {
  return now === null || (last !== null && last > now) ? last : now;
}
