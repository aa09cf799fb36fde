import { type Clock, Recorder, type ResourceRow, STATES, type StageRow } from "@pinchpoint/probe";

/** A clock that stands still until it is moved. */
export class HandClock implements Clock {
  #nowMs = 0;
  readonly nowMs = (): number => this.#nowMs;
  readonly idleMs = (): number => 0;

  pass(ms: number): void {
    this.#nowMs += ms;
  }
}

export function mainRecorder(clock: Clock = new HandClock()): Recorder {
  return Recorder.forProcess(clock, { name: "main", osThreadId: null, workerId: 0 });
}

/** How a stage's calls of a resource went: milliseconds, and counts. */
export function callsOf(recorder: Recorder, stageName: string): object {
  const { stages, resources, resourceRows } = recorder.snapshot();
  const stage = stages.find(({ name }) => name === stageName);
  const rows = resourceRows.filter((row) => row.stage === stage?.id);
  return Object.fromEntries(rows.map((row) => [nameIn(resources, row), callsIn(row)]));
}

function nameIn(resources: readonly { readonly id: number; readonly name: string }[], row: ResourceRow): string {
  return resources.find(({ id }) => id === row.resource)?.name ?? "";
}

function callsIn({ uses, waitSeconds, useSeconds, inUse }: ResourceRow): object {
  return { uses, waitMs: ms(waitSeconds), useMs: ms(useSeconds), inUse };
}

export function stageRow(recorder: Recorder, stageName: string): StageRow {
  const { stages, stageRows } = recorder.snapshot();
  const stage = stages.find(({ name }) => name === stageName);
  const row = stageRows.find((one) => one.stage === stage?.id);
  if (row === undefined) throw new Error(`no row of ${stageName}`);
  return row;
}

/** The states in which a stage spent time, in milliseconds. */
export function timesMs(row: StageRow): object {
  return Object.fromEntries(
    STATES.map((state, at) => [state, ms(row.stateSeconds[at] ?? 0)]).filter(([, n]) => n !== 0),
  );
}

/** What a stage counted, and how many of its workers are in any state now. */
export function countsOf({ arrived, items, errors, dropped, emitted, stateWorkers }: StageRow): object {
  return { arrived, items, errors, dropped, emitted, inHand: stateWorkers.reduce((sum, n) => sum + n, 0) };
}

function ms(seconds: number): number {
  return Math.round(seconds * 1e9) / 1e6;
}
