// The global one and its method, taken now: an import would load all of perf_hooks, and applications put others in their
// places, as fake timers of tests do.
const { performance } = globalThis;
const { now } = performance;

/**
 * What the recorder reads time from. It is an argument everywhere, so that tests own time.
 * Threads of one process share the base: `performance.now()` is monotonic and starts with the process.
 */
export interface Clock {
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
  /** Milliseconds that this thread's event loop has spent idle, waiting for events, since it began. */
  readonly idleMs: () => number;
}

/** The process's own clock. */
export function systemClock(): Clock {
  const { nodeTiming } = performance;
  return { nowMs: () => now.call(performance), idleMs: () => nodeTiming.idleTime };
}

/**
 * A clock that never throws, never steps back and is always finite: a source that fails repeats its last good reading,
 * and the failure is counted, because recording must stay invisible to the application.
 */
export function steadyClock(source: Clock, onFailure: () => void): Clock {
  return {
    nowMs: steadyReading(() => source.nowMs(), onFailure),
    idleMs: steadyReading(() => source.idleMs(), onFailure),
  };
}

function steadyReading(readMs: () => number, onFailure: () => void): () => number {
  // In a typed array, because a fraction that is returned, or in a variable, is a new object each time.
  const last = new Float64Array(1);
  const read = () => {
    try {
      const ms = readMs();
      if (ms >= (last[0] as number) && Number.isFinite(ms)) last[0] = ms;
      else onFailure();
    } catch {
      onFailure();
    }
  };
  return () => {
    read();
    return last[0] as number;
  };
}
