import { type Frame, framesOf } from "./frame.ts";
import {
  type ProcessSnapshot,
  type Recording,
  type ResourceSnapshot,
  STATES,
  type StageSnapshot,
  type ThreadSnapshot,
} from "./recording.ts";
import { remembered } from "./remembered.ts";
import { rise, riseOrNull, sumOfThread, type ThreadPart, threadBetween, totalOrNull } from "./thread-part.ts";

/** What one stage did on one thread within a window. Seconds and counts of the window only, never cumulative. */
export interface StagePart {
  readonly stage: number;
  readonly thread: number;
  readonly units: number;
  readonly items: number;
  readonly emitted: number;
  readonly errors: number;
  readonly dropped: number;
  /** Worker-seconds in the order of STATES; length 6. */
  readonly stateSeconds: readonly number[];
  /** Worker-seconds that the workers seen at both ends of each interval must have spent somewhere. */
  readonly liveSeconds: number;
  /** The same of workers that were seen idle. */
  readonly idleLiveSeconds: number;
  readonly loopHeldSeconds: number;
  readonly loopHeldSquared: number;
  readonly loopOverlapSeconds: number;
}

export interface ResourcePart {
  readonly stage: number;
  readonly resource: number;
  readonly thread: number;
  readonly uses: number;
  readonly errors: number;
  readonly waitSeconds: number;
  readonly useSeconds: number;
}

/** A window's signals. Windows add up (`sumOf`), so that any choice of them can be judged. */
export interface WindowSignals {
  readonly seconds: number;
  readonly stages: readonly StagePart[];
  readonly resources: readonly ResourcePart[];
  readonly threads: readonly ThreadPart[];
  readonly processes: readonly ProcessSnapshot[];
}

const partsByStage = remembered(({ stages }: WindowSignals) => Map.groupBy(stages, ({ stage }) => stage));

/** What a stage did, on each of its threads. */
export function partsOf(signals: WindowSignals, stage: number): readonly StagePart[] {
  return partsByStage(signals).get(stage) ?? [];
}

/** Below the clock's own step a rate means nothing; such a snapshot joins the next one. */
const SHORTEST_SECONDS = 1e-6;

/** The windows between consecutive snapshots, in the order of time. */
export function windowsOf(recording: Recording): WindowSignals[] {
  const frames = framesOf(recording);
  const windows: WindowSignals[] = [];
  let before: Frame | undefined;
  for (const after of frames) {
    if (before !== undefined && after.atSeconds - before.atSeconds < SHORTEST_SECONDS) continue;
    if (before !== undefined) windows.push(between(before, after));
    before = after;
  }
  return windows;
}

/** The sum of windows of one recording: as if they had been one window. At least one window. */
export function sumOf(windows: readonly WindowSignals[]): WindowSignals {
  const [first, ...rest] = windows;
  if (first === undefined) throw new RangeError("sumOf needs at least one window, got none");
  if (rest.length === 0) return first;
  return {
    seconds: windows.reduce((sum, window) => sum + window.seconds, 0),
    stages: first.stages.map((part, row) => {
      const all = windows.map((window) => window.stages[row] as StagePart);
      return {
        ...part,
        units: total(all, "units"),
        items: total(all, "items"),
        emitted: total(all, "emitted"),
        errors: total(all, "errors"),
        dropped: total(all, "dropped"),
        stateSeconds: STATES.map((_, state) => all.reduce((sum, one) => sum + (one.stateSeconds[state] ?? 0), 0)),
        liveSeconds: total(all, "liveSeconds"),
        idleLiveSeconds: total(all, "idleLiveSeconds"),
        loopHeldSeconds: total(all, "loopHeldSeconds"),
        loopHeldSquared: total(all, "loopHeldSquared"),
        loopOverlapSeconds: total(all, "loopOverlapSeconds"),
      };
    }),
    resources: first.resources.map((part, row) => {
      const all = windows.map((window) => window.resources[row] as ResourcePart);
      return {
        ...part,
        uses: total(all, "uses"),
        errors: total(all, "errors"),
        waitSeconds: total(all, "waitSeconds"),
        useSeconds: total(all, "useSeconds"),
      };
    }),
    threads: first.threads.map((_, row) => sumOfThread(windows.map((window) => window.threads[row] as ThreadPart))),
    processes: first.processes.map((part, row) => {
      const all = windows.map((window) => window.processes[row] as ProcessSnapshot);
      return {
        ...part,
        cpuSeconds: totalOrNull(all.map(({ cpuSeconds }) => cpuSeconds)),
        runQueueSeconds: totalOrNull(all.map(({ runQueueSeconds }) => runQueueSeconds)),
      };
    }),
  };
}

/** Most workers that any snapshot shows of each stage, over all its threads, by stage id. */
export function peakWorkers(recording: Recording): ReadonlyMap<number, number> {
  const peaks = new Map<number, number>();
  for (const snapshot of recording.snapshots) {
    const workers = new Map<number, number>();
    for (const row of snapshot.stages) workers.set(row.stage, (workers.get(row.stage) ?? 0) + workersIn(row));
    for (const [stage, count] of workers) peaks.set(stage, Math.max(count, peaks.get(stage) ?? 0));
  }
  return peaks;
}

function total<Name extends string>(rows: readonly Readonly<Record<Name, number>>[], name: Name): number {
  return rows.reduce((sum, row) => sum + row[name], 0);
}

function between(before: Frame, after: Frame): WindowSignals {
  const seconds = after.atSeconds - before.atSeconds;
  return {
    seconds,
    stages: after.stages.map((row, index) => {
      const was = before.stages[index] as StageSnapshot;
      return {
        stage: row.stage,
        thread: row.thread,
        units: rise(was.units, row.units),
        items: rise(was.items, row.items),
        emitted: rise(was.emitted, row.emitted),
        errors: rise(was.errors, row.errors),
        dropped: rise(was.dropped, row.dropped),
        stateSeconds: STATES.map((_, state) => rise(was.stateSeconds[state] ?? 0, row.stateSeconds[state] ?? 0)),
        liveSeconds: seconds * Math.min(workersIn(was), workersIn(row)),
        idleLiveSeconds: seconds * Math.min(idleIn(was), idleIn(row)),
        loopHeldSeconds: rise(was.loopHeldSeconds, row.loopHeldSeconds),
        loopHeldSquared: rise(was.loopHeldSquared, row.loopHeldSquared),
        loopOverlapSeconds: rise(was.loopOverlapSeconds, row.loopOverlapSeconds),
      };
    }),
    resources: after.resources.map((row, index) => {
      const was = before.resources[index] as ResourceSnapshot;
      return {
        stage: row.stage,
        resource: row.resource,
        thread: row.thread,
        uses: rise(was.uses, row.uses),
        errors: rise(was.errors ?? 0, row.errors ?? 0),
        waitSeconds: rise(was.waitSeconds, row.waitSeconds),
        useSeconds: rise(was.useSeconds, row.useSeconds),
      };
    }),
    threads: after.threads.map((row, index) => threadBetween(before.threads[index] as ThreadSnapshot, row)),
    processes: after.processes.map((row, index) => {
      const was = before.processes[index] as ProcessSnapshot;
      return {
        process: row.process,
        cpuSeconds: riseOrNull(was.cpuSeconds, row.cpuSeconds),
        runQueueSeconds: riseOrNull(was.runQueueSeconds, row.runQueueSeconds),
      };
    }),
  };
}

function workersIn(row: StageSnapshot): number {
  return row.stateWorkers.reduce((sum, count) => sum + Math.max(0, count), 0);
}

/** Workers that are starved, wait, or are blocked. */
function idleIn({ stateWorkers }: StageSnapshot): number {
  return [0, 2, 4].reduce((sum, state) => sum + Math.max(0, stateWorkers[state] ?? 0), 0);
}
