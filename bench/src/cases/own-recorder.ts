import { Recorder, type StageRow, systemClock } from "@pinchpoint/probe";

/** How many units a second a stage times: none; whole segments where there are more; each. */
export const COUNTED = 0;
export const SAMPLED = 20_000;
export const EVERY = Number.POSITIVE_INFINITY;

/** A recorder of this process, as the preload makes one. */
export function ownRecorder(timedPerSecond: number): Recorder {
  const identity = { name: "main", osThreadId: null, workerId: 0 };
  const forProcess = Recorder.forProcess as (...parameters: readonly unknown[]) => Recorder;
  return forProcess(systemClock(), identity, { timedPerSecond });
}

/** The row of a stage on the main thread. @throws Error where there is none */
export function rowOf(recorder: Recorder, stageName: string): StageRow {
  const { stages, stageRows } = recorder.snapshot();
  const stage = stages.find(({ name }) => name === stageName);
  const row = stageRows.find(({ stage: id }) => id === stage?.id);
  if (row === undefined) throw new Error(`no row of "${stageName}" among ${stages.map(({ name }) => name).join(", ")}`);
  return row;
}

/** How many durations a row's histogram holds. */
export function timedUnits({ duration }: StageRow): number {
  return duration.counts.reduce((sum, count) => sum + count, 0);
}
