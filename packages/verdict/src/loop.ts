import type { Component } from "./graph.ts";
import type { OutsideSnapshot, RecordedStage, RecordedThread, RecordingHeader } from "./recording.ts";
import { remembered } from "./remembered.ts";
import type { StagePart, WindowSignals } from "./signal.ts";
import type { ThreadPart } from "./thread-part.ts";

/**
 * A thread that carries less than this share of every stage's units is not what the pipeline waits for: with ten even
 * threads each still carries this much.
 */
const THREAD_MATTERS = 0.1;
/**
 * Between these shares of loop time in use, the wait for the loop goes from the residual of one segment to everything
 * that overlapped. Below, a finished call waits at most for the segment that is running. A loop that is never idle
 * serves a queue of such segments, and streams run many without returning to the loop: then overlap is waiting. The
 * lower end is low because a unit of real work comes back to the loop several times, of which nobody tells how often.
 */
const QUEUE_FROM = 0.8;
const QUEUE_FULL = 0.97;
/** Run-queue wait above this share of run-queue wait + CPU: the thread gets a core for less than 70 % of its need. */
const CONTENTION = 0.3;
/** The wait must be at least this share of the time in use, or curing it would change little. */
const MATERIAL = 0.2;
/** From here on the thread runs hardly half of the time that it asks for: cores are short, whoever holds the loop. */
const SHORT_FOR_ALL = 0.45;

/** One thread's event loop. */
export interface LoopDemand {
  readonly thread: RecordedThread;
  /** Seconds in use, waiting for a core included. */
  readonly busySeconds: number;
  /** Part of it in which the thread was runnable but had no core; 0 where that is too little to matter. */
  readonly cpuWaitSeconds: number;
  /** Share of the window in use, without the wait for a core, 0 to 1. */
  readonly utilisation: number;
  /** The same with it. */
  readonly occupied: number;
  /** How far a call that has finished waits for everything that overlapped, not for one segment only, 0 to 1. */
  readonly queueing: number;
  /** Who held it, of any pipeline, most first; the smallest of other pipelines are left out. */
  readonly holders: readonly { readonly stage: RecordedStage; readonly seconds: number }[];
  /** In use, but by no stage. */
  readonly outsideSeconds: number;
  /** What held it then, as far as it has a name, the most first. */
  readonly outside: readonly OutsideSnapshot[];
  /** Pauses for garbage collection, and the mark-sweeps among them; 0 where nobody told. */
  readonly gcSeconds: number;
  readonly markSweepSeconds: number;
  /** What V8 holds for objects that survive, and may hold; null where nobody told. */
  readonly heap: { readonly bytes: number; readonly limitBytes: number } | null;
  /** True if the platform told how long it was in use; else only what stages held is known. */
  readonly isMeasured: boolean;
}

/** The loops of the threads that carry the component, in the order of the signals' rows. */
export function loopsOf(header: RecordingHeader, component: Component, signals: WindowSignals): LoopDemand[] {
  const stages = new Map(header.stages.map((stage) => [stage.id, stage]));
  const carrying = threadsThatCarry(component, signals);
  return header.threads
    .filter((thread) => carrying.includes(thread.id))
    .sort((a, b) => carrying.indexOf(a.id) - carrying.indexOf(b.id))
    .map((thread) => {
      const held = new Map<number, number>();
      for (const part of signals.stages)
        if (part.thread === thread.id) held.set(part.stage, (held.get(part.stage) ?? 0) + part.loopHeldSeconds);
      const heldSeconds = [...held.values()].reduce((sum, seconds) => sum + seconds, 0);
      const holders = [...held]
        .flatMap(([id, seconds]) => {
          const stage = stages.get(id);
          return stage === undefined || seconds <= 0 ? [] : [{ stage, seconds }];
        })
        .sort((a, b) => b.seconds - a.seconds);
      const row = signals.threads.find((one) => one.thread === thread.id);
      const busySeconds = Math.min(signals.seconds, busyOf(thread, row, heldSeconds));
      const waitSeconds = Math.min(busySeconds, cpuWaitOf(header, signals, row));
      const cpuWaitSeconds = shortageOf(busySeconds, waitSeconds, holders[0]?.seconds ?? 0, row);
      return {
        thread,
        busySeconds,
        cpuWaitSeconds,
        utilisation: (busySeconds - cpuWaitSeconds) / signals.seconds,
        occupied: busySeconds / signals.seconds,
        queueing: queueingAt(busySeconds / signals.seconds),
        holders,
        outsideSeconds: Math.max(0, busySeconds - heldSeconds),
        outside: (row?.outside ?? []).filter(({ seconds }) => seconds > 0).sort((a, b) => b.seconds - a.seconds),
        gcSeconds: Math.min(busySeconds, row?.gcSeconds ?? 0),
        markSweepSeconds: Math.min(busySeconds, row?.markSweepSeconds ?? 0),
        heap: heapOf(row),
        isMeasured: typeof row?.loopActiveSeconds === "number",
      };
    });
}

/** What the segments of all stages of a thread make others wait, by thread. */
const squaresByThread = remembered(({ stages }: WindowSignals) => {
  const squares = new Map<number, number>();
  for (const part of stages) squares.set(part.thread, (squares.get(part.thread) ?? 0) + squareOf(part));
  return squares;
});

function squareOf(part: StagePart): number {
  return part.loopHeldSquared * phase(part);
}

const holdersByStage = remembered(
  ({ holders }: LoopDemand) => new Map(holders.map(({ stage, seconds }) => [stage.id, seconds] as const)),
);

/** Seconds that a stage holds a loop. */
export function heldBy(loop: LoopDemand, stage: number | null): number {
  return stage === null ? 0 : (holdersByStage(loop).get(stage) ?? 0);
}

/**
 * Worker-seconds of a stage's `self` on one thread that were waiting for the loop. Asynchronous work ends at a random
 * moment of whatever segment holds the loop, so that it waits λ·E[L²]/2 a unit (the residual of M/G/1, Pollaczek and
 * Khinchine); never more than overlapped.
 */
export function waitForLoop(part: StagePart, signals: WindowSignals, loop: LoopDemand): number {
  const squares = Math.max(0, (squaresByThread(signals).get(part.thread) ?? 0) - squareOf(part));
  const own = (part.stateSeconds[1] ?? 0) + (part.stateSeconds[3] ?? 0);
  const away = Math.max(0, own - part.loopHeldSeconds);
  // A recorder need not see segments of nobody known: their share of the window stands for the overlap with them. What
  // has a name was seen, and is in the overlap.
  const named = loop.outside.reduce((sum, { seconds }) => sum + seconds, 0);
  const unseen = away * (Math.max(0, loop.outsideSeconds - named) / signals.seconds);
  const most = Math.min(part.loopOverlapSeconds + unseen, away);
  const residual = Math.min(most, part.loopOverlapSeconds, (part.units * squares) / (2 * signals.seconds));
  return residual + loop.queueing * (most - residual);
}

/**
 * In a closed pipeline a segment starts because a call has just finished, so that even ones are over before the next
 * call ends; only scatter makes the moment random.
 *
 * @returns share of the residual to expect: a half for segments that are all alike, 1 from exponential scatter on
 */
function phase(part: StagePart): number {
  const heldSquared = part.loopHeldSeconds ** 2;
  if (heldSquared <= 0) return 1;
  const scatter = (part.units * part.loopHeldSquared) / heldSquared - 1;
  return 0.5 + 0.5 * Math.min(1, Math.max(0, scatter));
}

function heapOf(row: ThreadPart | undefined): LoopDemand["heap"] {
  const { heapBytes: bytes, heapLimitBytes: limitBytes } = row ?? { heapBytes: null, heapLimitBytes: null };
  return bytes === null || limitBytes === null ? null : { bytes, limitBytes };
}

function queueingAt(occupied: number): number {
  return Math.min(1, Math.max(0, (occupied - QUEUE_FROM) / (QUEUE_FULL - QUEUE_FROM)));
}

function threadsThatCarry(component: Component, signals: WindowSignals): number[] {
  const own = new Set(component.stages.map((stage) => stage.id));
  const units = new Map<number, number>();
  for (const part of signals.stages)
    if (own.has(part.stage)) units.set(part.stage, (units.get(part.stage) ?? 0) + part.units);
  const carrying = new Set<number>();
  for (const part of signals.stages) {
    const all = units.get(part.stage) ?? 0;
    if (all > 0 && part.units >= THREAD_MATTERS * all) carrying.add(part.thread);
  }
  return [...carrying];
}

function busyOf(thread: RecordedThread, row: ThreadPart | undefined, heldSeconds: number): number {
  const active = row?.loopActiveSeconds ?? null;
  if (row === undefined || active === null) return heldSeconds;
  if (thread.role === "main" || row.cpuSeconds === null) return active;
  // An idle pool worker sits in Atomics.wait, which counts as active; without CPU and without a holder it is not busy.
  return Math.min(active, Math.max(heldSeconds, row.cpuSeconds + (row.runQueueSeconds ?? 0)));
}

/**
 * A short wait for a core is part of using a loop; only a shortage is told apart. What limits is what gains most when it
 * is doubled: free cores take away the wait, and halving the stage that holds the loop most takes away half of its hold.
 */
function shortageOf(
  busySeconds: number,
  waitSeconds: number,
  mostHeldSeconds: number,
  row: ThreadPart | undefined,
): number {
  const runningSeconds = row?.cpuSeconds ?? busySeconds - waitSeconds;
  const contention = waitSeconds / (waitSeconds + runningSeconds);
  const gainsMore = contention > SHORT_FOR_ALL || waitSeconds > mostHeldSeconds / 2;
  return contention > CONTENTION && waitSeconds >= MATERIAL * busySeconds && gainsMore ? waitSeconds : 0;
}

/** Where nobody tells the run-queue wait, all cores in use and active time without CPU is the same thing. */
const ALL_CORES = 0.95;

function cpuWaitOf(header: RecordingHeader, signals: WindowSignals, row: ThreadPart | undefined): number {
  if (row === undefined) return 0;
  if (row.runQueueSeconds !== null) return row.runQueueSeconds;
  if (row.cpuSeconds === null || row.loopActiveSeconds === null) return 0;
  const cpuSeconds = signals.processes.reduce((sum, process) => sum + (process.cpuSeconds ?? 0), 0);
  const areAllCoresInUse = cpuSeconds >= ALL_CORES * header.machine.cores * signals.seconds;
  return areAllCoresInUse ? Math.max(0, row.loopActiveSeconds - row.cpuSeconds) : 0;
}
