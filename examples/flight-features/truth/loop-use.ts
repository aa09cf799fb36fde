import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { performance } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

/** Shares of the time and of all cores, 0 to 1. */
export interface Use {
  readonly loopUse: number;
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
  const read = () => ({
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
    const use: Use = {
      loopUse: performance.eventLoopUtilization(last.loop, first.loop).utilization,
      cpuUse: cpuMicroseconds / 1000 / (last.atMs - first.atMs) / availableParallelism(),
    };
    writeFileSync(file, JSON.stringify(use));
  });
}
