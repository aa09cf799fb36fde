import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { constants, PerformanceObserver, performance } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

/** Shares of the time and of all cores, 0 to 1. */
export interface Use {
  readonly loopUse: number;
  /** Share of the time that the main thread's garbage collections took. */
  readonly gcUse: number;
  /** Of the garbage collections' time, what mark-sweeps took: those that go through the whole heap. */
  readonly markSweepShare: number;
  /** Of the whole process, with its threads. */
  readonly cpuUse: number;
}

/**
 * Preloaded into a measured run: at the end it writes how busy the event loop and the cores were, from two seconds after
 * the start, so that loading does not count, until the end begins. The application knows nothing of it.
 */
const file = process.env.FLIGHT_TRUTH_LOOP_USE;
/** Between readings. */
const readingsMs = 250;
/** The end does not count: the last batches drain while nothing new is read. */
const endReadings = 5;

// Not in the processes that the application starts: they would write into the same file.
if (file !== undefined && isMainThread) {
  delete process.env.FLIGHT_TRUTH_LOOP_USE;
  const gcMs = { all: 0, markSweep: 0 };
  new PerformanceObserver((list) => {
    for (const { duration, detail } of list.getEntries()) {
      gcMs.all += duration;
      if ((detail as { kind: number }).kind === constants.NODE_PERFORMANCE_GC_MAJOR) gcMs.markSweep += duration;
    }
  }).observe({ type: "gc" });
  const read = () => ({
    gcMs: gcMs.all,
    markSweepMs: gcMs.markSweep,
    loop: performance.eventLoopUtilization(),
    cpu: process.cpuUsage(),
    atMs: performance.now(),
  });
  const readings: ReturnType<typeof read>[] = [];
  const begin = () => setInterval(() => readings.push(read()), readingsMs).unref();
  setTimeout(begin, 2000).unref();
  process.on("exit", () => {
    const [first] = readings;
    const last = readings.at(-endReadings);
    if (first === undefined || last === undefined || last === first) return;
    const cpuMicroseconds = last.cpu.user + last.cpu.system - first.cpu.user - first.cpu.system;
    const elapsedMs = last.atMs - first.atMs;
    const gcElapsedMs = last.gcMs - first.gcMs;
    const use: Use = {
      loopUse: performance.eventLoopUtilization(last.loop, first.loop).utilization,
      cpuUse: cpuMicroseconds / 1000 / elapsedMs / availableParallelism(),
      gcUse: gcElapsedMs / elapsedMs,
      markSweepShare: gcElapsedMs > 0 ? (last.markSweepMs - first.markSweepMs) / gcElapsedMs : 0,
    };
    writeFileSync(file, JSON.stringify(use));
  });
}
