import { type CpuDemand, cpuDemand } from "./cpu-demand.ts";
import { type Component, successors } from "./graph.ts";
import { type InFlight, inFlightOf } from "./in-flight.ts";
import { type LoopDemand, loopsOf, waitForLoop } from "./loop.ts";
import { type RecordedStage, type Recording, STATES, type State } from "./recording.ts";
import { remembered } from "./remembered.ts";
import { calledShareOf, type ResourceDemand, resourceDemands } from "./resource-demand.ts";
import { partsOf, type StagePart, type WindowSignals } from "./signal.ts";

/** What one stage asks of its own workers, over all threads. */
export interface StageDemand {
  readonly stage: RecordedStage;
  readonly isRoot: boolean;
  readonly isTerminal: boolean;
  readonly units: number;
  readonly items: number;
  readonly emitted: number;
  /** Units here per unit of the sources (V of the operational laws): fan-out is above 1, a filter's next below. */
  readonly visits: number;
  /** Workers that can work at once. */
  readonly servers: number;
  /** Threads, of any process, that have the stage. */
  readonly threads: number;
  /** True if its workers come with the units and leave with them: then nobody knows how many there could be. */
  readonly isVisited: boolean;
  readonly seconds: Readonly<Record<State, number>>;
  readonly loopHeldSeconds: number;
  /** Part of `self` that was waiting for a loop which others held. */
  readonly loopWaitSeconds: number;
  /** Part of `self` in which the thread was runnable but had no core. */
  readonly cpuWaitSeconds: number;
  /** Part of `wait` and of `use` in which a pool or a service had its call. */
  readonly calledWaitSeconds: number;
  readonly calledUseSeconds: number;
  /** Useful time (DS2, OSDI 2018): self + use without those two waits; for a source also what it waits for outside. */
  readonly usefulSeconds: number;
  /** Useful share of its capacity, 0 to 1 (U = X·D/m). */
  readonly utilisation: number;
  /** The same with the waits for loop and core: what halving the stage's own time would leave behind. */
  readonly occupied: number;
  readonly starvedShare: number;
  readonly blockedShare: number;
}

/** Everything that the rules look at: one component in one window. */
export interface Picture {
  readonly component: Component;
  readonly seconds: number;
  /** Units that the sources handed over; visits and throughput count from these. */
  readonly sourceUnits: number;
  readonly perSecond: number;
  readonly itemsPerSecond: number;
  readonly stages: readonly StageDemand[];
  readonly loops: readonly LoopDemand[];
  readonly resources: readonly ResourceDemand[];
  readonly cpu: CpuDemand;
  readonly inFlight: InFlight;
  /** Known state time as a share of the time that the workers were there, 0 to 1. */
  readonly coverage: number;
}

/** What stays the same in every window of a recording. */
export interface Surroundings {
  readonly recording: Recording;
  readonly component: Component;
  /** Most workers seen at once, by stage id. */
  readonly peaks: ReadonlyMap<number, number>;
  /** Most units seen in flight at once; null where too few snapshots show any. */
  readonly mostInFlight: number | null;
}

/** Demand and utilisation of everything that could limit the component (Plumber, MLSys 2022: visit ratios). */
export function pictureOf(surroundings: Surroundings, signals: WindowSignals): Picture {
  const { recording, component, mostInFlight } = surroundings;
  const loops = loopsOf(recording.header, component, signals);
  const sourceUnits = component.roots.reduce((sum, root) => sum + unitsOf(signals, root.id), 0);
  const bare = component.stages.map((stage) => stageDemand(stage, surroundings, signals, loops, sourceUnits));
  const stages = bare.map((demand) => withOutsideWait(demand, component, bare, signals, loops));
  const sources = stages.filter((demand) => demand.isRoot);
  const items = sources.reduce((sum, demand) => sum + (demand.emitted > 0 ? demand.emitted : demand.items), 0);
  const resources = resourceDemands(recording, component, signals);
  return {
    component,
    seconds: signals.seconds,
    sourceUnits,
    perSecond: sourceUnits / signals.seconds,
    itemsPerSecond: items / signals.seconds,
    stages,
    loops,
    resources,
    cpu: cpuDemand(recording, signals),
    inFlight: inFlightOf(stages, resources, signals.seconds, mostInFlight),
    coverage: coverageOf(component, signals),
  };
}

export function unitsOf(signals: WindowSignals, stage: number): number {
  return partsOf(signals, stage).reduce((sum, part) => sum + part.units, 0);
}

const demandsByStage = remembered(
  ({ stages }: Picture) => new Map(stages.map((demand) => [demand.stage.id, demand] as const)),
);

export function demandOf(picture: Picture, stage: number): StageDemand | undefined {
  return demandsByStage(picture).get(stage);
}

function stageDemand(
  stage: RecordedStage,
  { recording, component, peaks }: Surroundings,
  signals: WindowSignals,
  loops: readonly LoopDemand[],
  sourceUnits: number,
): StageDemand {
  const parts = partsOf(signals, stage.id);
  const seconds = secondsByState(parts);
  let loopWaitSeconds = 0;
  let cpuWaitSeconds = 0;
  for (const part of parts) {
    const loop = loops.find((one) => one.thread.id === part.thread);
    if (loop === undefined) continue;
    const own = (part.stateSeconds[1] ?? 0) + (part.stateSeconds[3] ?? 0);
    const loopWait = waitForLoop(part, signals, loop);
    loopWaitSeconds += loopWait;
    // Only a segment on the loop can lack a core; a timer or a remote call runs on while the thread queues.
    const cpuWait = loop.busySeconds > 0 ? (loop.cpuWaitSeconds * part.loopHeldSeconds) / loop.busySeconds : 0;
    cpuWaitSeconds += Math.min(cpuWait, Math.max(0, own - loopWait));
  }
  const usefulSeconds = Math.max(0, seconds.self + seconds.use - loopWaitSeconds - cpuWaitSeconds);
  const peak = peaks.get(stage.id) ?? 0;
  const servers = serversOf(stage, seconds, signals.seconds, peak);
  const capacitySeconds = servers * signals.seconds;
  const units = parts.reduce((sum, part) => sum + part.units, 0);
  const calledShare = calledShareOf(stage.id, recording, signals);
  return {
    stage,
    isRoot: component.roots.includes(stage),
    isTerminal: successors(component, stage.id).length === 0,
    units,
    items: parts.reduce((sum, part) => sum + part.items, 0),
    emitted: parts.reduce((sum, part) => sum + part.emitted, 0),
    visits: sourceUnits > 0 ? units / sourceUnits : 0,
    servers,
    threads: parts.length,
    isVisited: isVisited(stage, seconds, signals.seconds, peak),
    seconds,
    loopHeldSeconds: parts.reduce((sum, part) => sum + part.loopHeldSeconds, 0),
    loopWaitSeconds,
    cpuWaitSeconds,
    calledWaitSeconds: seconds.wait * calledShare,
    calledUseSeconds: seconds.use * calledShare,
    usefulSeconds,
    utilisation: Math.min(1, usefulSeconds / capacitySeconds),
    occupied: Math.min(1, (seconds.self + seconds.use) / capacitySeconds),
    starvedShare: Math.min(1, seconds.starved / capacitySeconds),
    blockedShare: Math.min(1, seconds.blocked / capacitySeconds),
  };
}

/**
 * A source's useful time includes what it waits for outside the pipeline: `starved`, and time in no state at all, but
 * the latter only as far as its consumers were starved meanwhile; else a source that has ended would look slow.
 */
function withOutsideWait(
  demand: StageDemand,
  component: Component,
  all: readonly StageDemand[],
  signals: WindowSignals,
  loops: readonly LoopDemand[],
): StageDemand {
  if (!demand.isRoot || demand.stage.role !== "source") return demand;
  const capacitySeconds = demand.servers * signals.seconds;
  const inStates = STATES.reduce((sum, state) => sum + demand.seconds[state], 0);
  const next = new Set(successors(component, demand.stage.id).map((stage) => stage.id));
  const starved = all.filter((one) => next.has(one.stage.id)).map((one) => one.starvedShare);
  const consumersStarved = starved.length > 0 ? Math.min(...starved) : 0;
  const unseen = Math.min(Math.max(0, capacitySeconds - inStates), consumersStarved * capacitySeconds);
  // On a loop that is never idle it waits for the loop, wherever its items come from.
  const own = loops.filter((loop) => partsOf(signals, demand.stage.id).some((part) => part.thread === loop.thread.id));
  const outside = (demand.seconds.starved + unseen) * (1 - Math.max(0, ...own.map((loop) => loop.queueing)));
  const usefulSeconds = demand.usefulSeconds + outside;
  return {
    ...demand,
    usefulSeconds,
    utilisation: Math.min(1, usefulSeconds / capacitySeconds),
    occupied: Math.min(1, demand.occupied + outside / capacitySeconds),
  };
}

/** True if no state but its own work was ever recorded: then time in no state is idle, not a missing worker. */
export function isRunOnly(seconds: Readonly<Record<State, number>>): boolean {
  return seconds.starved + seconds.blocked + seconds.wait + seconds.unknown === 0;
}

/** Workers that belong to a stage are in one of its states all the time, but for their start and end. */
const STAYS = 0.98;

function isVisited(
  stage: RecordedStage,
  seconds: Readonly<Record<State, number>>,
  windowSeconds: number,
  peak: number,
): boolean {
  // Nobody knows how many requests a server could have at once, also where it always has as many as its clients send.
  return stage.port !== undefined || (stage.workers === null && liveWorkers(seconds, windowSeconds) < STAYS * peak);
}

function liveWorkers(seconds: Readonly<Record<State, number>>, windowSeconds: number): number {
  return STATES.reduce((sum, state) => sum + seconds[state], 0) / windowSeconds;
}

function serversOf(
  stage: RecordedStage,
  seconds: Readonly<Record<State, number>>,
  windowSeconds: number,
  peak: number,
): number {
  const live = liveWorkers(seconds, windowSeconds);
  if (stage.workers !== null) return Math.max(stage.workers, live);
  // One worker that was late or left early is still one; parts of a worker do not exist.
  return Math.max(1, live, isRunOnly(seconds) ? peak : 0);
}

function secondsByState(parts: readonly StagePart[]): Record<State, number> {
  const sums = STATES.map((_, index) => parts.reduce((sum, part) => sum + (part.stateSeconds[index] ?? 0), 0));
  return Object.fromEntries(STATES.map((state, index) => [state, sums[index]])) as Record<State, number>;
}

function coverageOf(component: Component, signals: WindowSignals): number {
  let known = 0;
  let expected = 0;
  for (const stage of component.stages) {
    const parts = partsOf(signals, stage.id);
    const seconds = secondsByState(parts);
    const all = STATES.reduce((sum, state) => sum + seconds[state], 0);
    const live = parts.reduce((sum, part) => sum + part.liveSeconds, 0);
    const idleLive = parts.reduce((sum, part) => sum + part.idleLiveSeconds, 0);
    // At work at both ends of an interval may be two workers that came and went; idle, they would be known.
    const least = seconds.self + seconds.use + idleLive;
    known += all - seconds.unknown;
    expected += stage.workers === null ? Math.max(all, Math.min(live, least)) : all;
  }
  return expected > 0 ? known / expected : 0;
}
