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
export { type GcPause, type GcWatchOptions, watchGc } from "./gc.ts";
export { givenHeapLimit, type HeapReading, type HeapSource, spaceNames } from "./memory.ts";
export type { SystemFiles } from "./system-files.ts";
export {
  BoardSlot,
  GC_BOUNDS_SECONDS,
  type GcDurations,
  type GcKind,
  heapOf,
  newBoard,
  type SpaceBytes,
  type ThreadHeap,
} from "./thread-board.ts";
export { instrumentTimers, type TimerOptions } from "./timers.ts";
