import type { Clock } from "../src/clock.ts";
import { Recorder } from "../src/recorder.ts";
import type { ResourceRow, Snapshot, StageRow } from "../src/snapshot.ts";
import { STATES, type State } from "../src/state-clock.ts";

/** A clock that stands still until it is moved. */
export class HandClock implements Clock {
  #nowMs = 0;
  #idleMs = 0;
  readonly nowMs = (): number => this.#nowMs;
  readonly idleMs = (): number => this.#idleMs;

  /** Time in which the thread is busy. */
  work(ms: number): void {
    this.#nowMs += ms;
  }

  /** Time in which its event loop waits for events. */
  idle(ms: number): void {
    this.#nowMs += ms;
    this.#idleMs += ms;
  }
}

export function mainRecorder(clock: Clock): Recorder {
  return Recorder.forProcess(clock, { name: "main", osThreadId: 7, workerId: 0 });
}

export function stageRow(snapshot: Snapshot, name: string, thread = 0): StageRow {
  const stage = snapshot.stages.find((one) => one.name === name);
  const row = snapshot.stageRows.find((one) => one.stage === stage?.id && one.thread === thread);
  if (row === undefined) throw new Error(`no row of ${name} on thread ${thread}`);
  return row;
}

export function resourceRow(snapshot: Snapshot, stageName: string, name: string): ResourceRow {
  const stage = snapshot.stages.find((one) => one.name === stageName);
  const resource = snapshot.resources.find((one) => one.name === name);
  const row = snapshot.resourceRows.find((one) => one.stage === stage?.id && one.resource === resource?.id);
  if (row === undefined) throw new Error(`no row of ${name} in ${stageName}`);
  return row;
}

/** The states in which time was spent, in milliseconds; states without time are left out. */
export function timesMs(row: StageRow): Partial<Record<State, number>> {
  return Object.fromEntries(
    STATES.map((state, at) => [state, Math.round((row.stateSeconds[at] as number) * 1e9) / 1e6] as const).filter(
      ([, ms]) => ms !== 0,
    ),
  );
}

/** The states in which workers are now; states without workers are left out. */
export function workersNow(row: StageRow): Partial<Record<State, number>> {
  return Object.fromEntries(
    STATES.map((state, at) => [state, row.stateWorkers[at]] as const).filter(([, n]) => n !== 0),
  );
}

export function total(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** The same numbers in every run: Numerical Recipes' linear congruential generator, 0 <= value < 1. */
export function fixedRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
