import { writeFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

/**
 * Preloaded into a measured run: at the end it writes the share of time in which the event loop was busy, from two
 * seconds after the start, so that loading does not count. The application knows nothing of it.
 */
const file = process.env.FLIGHT_TRUTH_LOOP_USE;
if (file !== undefined) {
  let start: ReturnType<typeof performance.eventLoopUtilization> | undefined;
  setTimeout(() => {
    start = performance.eventLoopUtilization();
  }, 2000).unref();
  process.on("exit", () => {
    if (start !== undefined) writeFileSync(file, String(performance.eventLoopUtilization(start).utilization));
  });
}
