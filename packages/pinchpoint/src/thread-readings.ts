import type { Worker } from "node:worker_threads";
import { loopTimes, threadTimes } from "@pinchpoint/machine";
import type { ThreadDefinition } from "@pinchpoint/probe";
import type { ThreadSnapshot } from "@pinchpoint/verdict";
import { workerIdOf } from "./worker-name.ts";

type Reading = Omit<ThreadSnapshot, "thread">;

const UNKNOWN: Reading = { cpuSeconds: null, runQueueSeconds: null, loopActiveSeconds: null, loopIdleSeconds: null };

export interface ThreadSources {
  readonly cpu: (osThreadId: number) => Pick<Reading, "cpuSeconds" | "runQueueSeconds">;
  /** Null where the thread's loop cannot be asked: it has ended, or another thread than the main one started it. */
  readonly loop: (thread: ThreadDefinition) => Pick<Reading, "loopActiveSeconds" | "loopIdleSeconds"> | null;
}

/** What each thread took of its core and its loop. It never falls: a thread that ended keeps its last reading. */
export class ThreadReadings {
  readonly #sources: ThreadSources;
  readonly #lasts = new Map<number, Reading>();

  constructor(sources: ThreadSources) {
    this.#sources = sources;
  }

  read(threads: readonly ThreadDefinition[]): ThreadSnapshot[] {
    return threads.map((thread) => {
      const last = this.#lasts.get(thread.id) ?? UNKNOWN;
      // The system may have given an ended thread's id to another one.
      const reading = thread.endedAtMs === null ? this.#now(thread, last) : last;
      this.#lasts.set(thread.id, reading);
      return { thread: thread.id, ...reading };
    });
  }

  #now(thread: ThreadDefinition, last: Reading): Reading {
    const cpu = thread.osThreadId === null ? UNKNOWN : this.#sources.cpu(thread.osThreadId);
    const loop = this.#sources.loop(thread) ?? UNKNOWN;
    return {
      cpuSeconds: later(last.cpuSeconds, cpu.cpuSeconds),
      runQueueSeconds: later(last.runQueueSeconds, cpu.runQueueSeconds),
      loopActiveSeconds: later(last.loopActiveSeconds, loop.loopActiveSeconds),
      loopIdleSeconds: later(last.loopIdleSeconds, loop.loopIdleSeconds),
    };
  }
}

/** The sources of this process, asked from its main thread. */
export function threadSources(workers: ReadonlyMap<number, Worker>): ThreadSources {
  return {
    cpu: (osThreadId) => threadTimes(osThreadId),
    loop: (thread) => {
      const worker = thread.role === "main" ? undefined : workers.get(workerIdOf(thread.name) ?? -1);
      if (thread.role !== "main" && worker === undefined) return null;
      const { activeSeconds, idleSeconds } = worker === undefined ? loopTimes() : loopTimes(worker.performance);
      // Node measures it by `process.hrtime`, in the place of which fake timers put their own.
      return activeSeconds >= 0 ? { loopActiveSeconds: activeSeconds, loopIdleSeconds: idleSeconds } : null;
    },
  };
}

function later(last: number | null, now: number | null): number | null {
  return now === null || (last !== null && last > now) ? last : now;
}
