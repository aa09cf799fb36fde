export { type CoresOptions, coresAvailable } from "./cores.ts";
export { type CpuTimes, ownOsThreadId, ProcessTimes, type ProcessTimesOptions, threadTimes } from "./cpu.ts";
export {
  type DelayHistogram,
  LoopDelay,
  type LoopDelayOptions,
  type LoopDelayReading,
  type LoopTimes,
  type LoopTimesSource,
  loopTimes,
} from "./event-loop.ts";
export type { SystemFiles } from "./system-files.ts";
