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
 * the start, so that loading does not count. The application knows nothing of it.
 */
const file = process.env.FLIGHT_TRUTH_LOOP_USE;
// Not in the processes that the application starts: they would write into the same file.
if (file !== undefined && isMainThread) {
  delete process.env.FLIGHT_TRUTH_LOOP_USE;
  setTimeout(() => {
    const loop = performance.eventLoopUtilization();
    const cpu = process.cpuUsage();
    const startMs = performance.now();
    process.on("exit", () => {
      const { user, system } = process.cpuUsage(cpu);
      const use: Use = {
        loopUse: performance.eventLoopUtilization(loop).utilization,
        cpuUse: (user + system) / 1000 / (performance.now() - startMs) / availableParallelism(),
      };
      writeFileSync(file, JSON.stringify(use));
    });
  }, 2000).unref();
}
