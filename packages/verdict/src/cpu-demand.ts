import type { Recording } from "./recording.ts";
import type { WindowSignals } from "./signal.ts";

/** The cores, as all recorded processes use them. Null where the platform does not tell. */
export interface CpuDemand {
  readonly cores: number;
  readonly cpuSeconds: number | null;
  readonly utilisation: number | null;
  /** Run-queue wait as a share of run-queue wait + CPU. */
  readonly contention: number | null;
  /** CPU and run-queue seconds of threads that no one recorded: native pools. */
  readonly nativeCpuSeconds: number;
  readonly nativeContention: number | null;
}

export function cpuDemand(recording: Recording, signals: WindowSignals): CpuDemand {
  const { cores } = recording.header.machine;
  const threadCpu = sumKnown(signals.threads.map((thread) => thread.cpuSeconds));
  const threadQueue = sumKnown(signals.threads.map((thread) => thread.runQueueSeconds));
  const processCpu = sumKnown(signals.processes.map((process) => process.cpuSeconds));
  const processQueue = sumKnown(signals.processes.map((process) => process.runQueueSeconds));
  const cpuSeconds = processCpu ?? threadCpu;
  const queueSeconds = processQueue ?? threadQueue;
  const nativeCpuSeconds = processCpu === null ? 0 : Math.max(0, processCpu - (threadCpu ?? processCpu));
  const nativeQueue = processQueue === null ? null : Math.max(0, processQueue - (threadQueue ?? 0));
  return {
    cores,
    cpuSeconds,
    utilisation: cpuSeconds === null ? null : Math.min(1, cpuSeconds / (cores * signals.seconds)),
    contention: cpuSeconds === null || queueSeconds === null ? null : share(queueSeconds, queueSeconds + cpuSeconds),
    nativeCpuSeconds,
    nativeContention: nativeQueue === null ? null : share(nativeQueue, nativeQueue + nativeCpuSeconds),
  };
}

/** The sum; null if there is nothing, or if a part is unknown. */
function sumKnown(values: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const value of values) {
    if (value === null) return null;
    sum += value;
  }
  return values.length > 0 ? sum : null;
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
