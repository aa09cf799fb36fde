import { type DurationBuckets, durationBuckets } from "./duration-buckets.ts";
import { COUNTER } from "./slab.ts";
import type { ResourceRow, StageRow } from "./snapshot.ts";
import { STATES, USE, WAIT } from "./state-clock.ts";

/** What a row says at one moment, or what several rows say together. */
export interface RowReading {
  /** In the order of COUNTER. */
  readonly counters: Float64Array;
  /** Worker-seconds in each state. */
  readonly stateSeconds: readonly number[];
  /** Workers in each state now. */
  readonly stateWorkers: readonly number[];
  /** Counts of the stage's durations, or of a resource's waits. */
  readonly first: Float64Array;
  /** Counts of a resource's uses; null in a stage's row. */
  readonly second: Float64Array | null;
}

export const NOBODY: readonly number[] = STATES.map(() => 0);

/** What two rows of one stage say together, the one after the other or at a time. */
export function sumOfReadings(one: RowReading | null, other: RowReading): RowReading {
  if (one === null) return other;
  const counters = added(one.counters, other.counters);
  // Not a count: it is what it was at its most.
  counters[COUNTER.capacity] = Math.max(
    one.counters[COUNTER.capacity] as number,
    other.counters[COUNTER.capacity] as number,
  );
  return {
    counters,
    stateSeconds: one.stateSeconds.map((seconds, state) => seconds + (other.stateSeconds[state] as number)),
    stateWorkers: one.stateWorkers.map((workers, state) => workers + (other.stateWorkers[state] as number)),
    first: added(one.first, other.first),
    second: one.second === null || other.second === null ? other.second : added(one.second, other.second),
  };
}

export function stageRowOf(stage: number, thread: number, reading: RowReading): StageRow {
  const counter = (word: number) => reading.counters[word] as number;
  return {
    stage,
    thread,
    units: counter(COUNTER.units),
    untimed: counter(COUNTER.untimed),
    arrived: counter(COUNTER.arrived),
    items: counter(COUNTER.items),
    errors: counter(COUNTER.errors),
    dropped: counter(COUNTER.dropped),
    emitted: counter(COUNTER.emitted),
    stateSeconds: reading.stateSeconds,
    stateWorkers: reading.stateWorkers,
    loopHeldSeconds: counter(COUNTER.loopHeldMs) / 1e3,
    loopHeldSquared: counter(COUNTER.loopHeldSquaredMs) / 1e6,
    loopOverlapSeconds: counter(COUNTER.loopOverlapMs) / 1e3,
    duration: durationBuckets(reading.first, counter(COUNTER.sumMs) / 1000),
  };
}

export function resourceRowOf(stage: number, resource: number, thread: number, reading: RowReading): ResourceRow {
  const counter = (word: number) => reading.counters[word] as number;
  return {
    stage,
    resource,
    thread,
    uses: counter(COUNTER.uses),
    errors: counter(COUNTER.errors),
    waitSeconds: reading.stateSeconds[WAIT] as number,
    useSeconds: reading.stateSeconds[USE] as number,
    inUse: reading.stateWorkers[USE] as number,
    wait: durationBuckets(reading.first, counter(COUNTER.sumMs) / 1000),
    use: secondBuckets(reading),
  };
}

/** How many a resource serves at once; null = unknown. */
export function capacityOf({ counters }: RowReading): number | null {
  return (counters[COUNTER.capacity] as number) || null;
}

function secondBuckets({ first, second, counters }: RowReading): DurationBuckets {
  const seconds = (counters[COUNTER.secondSumMs] as number) / 1000;
  return durationBuckets(second ?? new Float64Array(first.length), seconds);
}

function added(one: Float64Array, other: Float64Array): Float64Array {
  return one.map((value, index) => value + (other[index] as number));
}
