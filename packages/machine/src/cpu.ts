import { SYSTEM_FILES, type SystemFiles } from "./system-files.ts";

/** What the scheduler gave, cumulative; null where the platform does not tell. */
export interface CpuTimes {
  readonly cpuSeconds: number | null;
  /** Could have run, but had to wait for a core. */
  readonly runQueueSeconds: number | null;
}

export interface ProcessTimesOptions {
  readonly files?: SystemFiles;
  /** CPU time of the whole process, in microseconds, threads that have ended included. */
  readonly usage?: () => { readonly user: number; readonly system: number };
}

const UNKNOWN: CpuTimes = { cpuSeconds: null, runQueueSeconds: null };
const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;

/** A process with more threads than this is read in part: its run-queue time is then a lower bound. */
const MAX_TASKS = 1024;

/** The operating system's id of the calling thread; null anywhere but on Linux. */
export function ownOsThreadId(files: SystemFiles = SYSTEM_FILES): number | null {
  const id = /^\d+\/task\/(\d+)$/.exec(files.linkTarget("/proc/thread-self") ?? "")?.[1];
  return id === undefined ? null : Number(id);
}

/**
 * CPU time and run-queue wait of one thread of this process, read by any of its threads from
 * `/proc/self/task/<id>/schedstat` (proc_pid_schedstat, Linux Documentation/scheduler/sched-stats.rst).
 * A thread that runs at this moment is seen as of its last timer tick, up to 10 ms ago.
 *
 * @returns nulls when the thread has ended, `/proc` is missing or hidden, or the kernel does not count
 */
export function threadTimes(osThreadId: number, files: SystemFiles = SYSTEM_FILES): CpuTimes {
  return timesOf(taskTimes(String(osThreadId), files));
}

/**
 * All threads of this process together, those of native libraries included. CPU time comes from `process.cpuUsage`,
 * because it also holds threads that came and went between two readings; run-queue wait is summed over `/proc`, where a
 * thread that ended leaves its last reading behind, so that the total never falls.
 */
export class ProcessTimes {
  readonly #files: SystemFiles;
  readonly #usage: () => { readonly user: number; readonly system: number };
  readonly #lastTasks = new Map<string, TaskTimes>();
  #endedWaitNs = 0;

  constructor({ files = SYSTEM_FILES, usage = () => process.cpuUsage() }: ProcessTimesOptions = {}) {
    this.#files = files;
    this.#usage = usage;
  }

  read(): CpuTimes {
    const { user, system } = this.#usage();
    return { cpuSeconds: (user + system) / MICROSECONDS, runQueueSeconds: this.#runQueueSeconds() };
  }

  /** One of its threads as of the last reading; one that this did not see is read now, as `threadTimes` does. */
  lastOf(osThreadId: number): CpuTimes {
    const task = this.#lastTasks.get(String(osThreadId));
    return task === undefined ? threadTimes(osThreadId, this.#files) : timesOf(task);
  }

  #runQueueSeconds(): number | null {
    const names = this.#files.names("/proc/self/task")?.slice(0, MAX_TASKS) ?? [];
    const living = new Set(names);
    for (const name of this.#lastTasks.keys()) if (!living.has(name)) this.#retire(name);
    for (const name of names) {
      const task = taskTimes(name, this.#files);
      const last = this.#lastTasks.get(name);
      // An id that counts from the start again belongs to a new thread: the old one has ended unseen.
      if (task === null || (last !== undefined && task.turns < last.turns)) this.#retire(name);
      if (task !== null && task.turns > 0) this.#lastTasks.set(name, task);
    }
    if (this.#lastTasks.size === 0) return null;
    let waitNs = this.#endedWaitNs;
    for (const task of this.#lastTasks.values()) waitNs += task.waitNs;
    return waitNs / NANOSECONDS;
  }

  #retire(name: string): void {
    this.#endedWaitNs += this.#lastTasks.get(name)?.waitNs ?? 0;
    this.#lastTasks.delete(name);
  }
}

interface TaskTimes {
  readonly cpuNs: number;
  readonly waitNs: number;
  /** How often it was given a core. A kernel that does not count says 0 to all three, also of a thread that runs. */
  readonly turns: number;
}

function timesOf(task: TaskTimes | null): CpuTimes {
  if (task === null || task.turns === 0) return UNKNOWN;
  return { cpuSeconds: task.cpuNs / NANOSECONDS, runQueueSeconds: task.waitNs / NANOSECONDS };
}

function taskTimes(osThreadId: string, files: SystemFiles): TaskTimes | null {
  const fields = /^(\d+) (\d+) (\d+)\s*$/.exec(files.shortText(`/proc/self/task/${osThreadId}/schedstat`) ?? "");
  if (fields === null) return null;
  return { cpuNs: Number(fields[1]), waitNs: Number(fields[2]), turns: Number(fields[3]) };
}
