import type { Candidate, Change, Eased } from "./candidate.ts";
import { slowdownByQueueing } from "./closed-system.ts";
import type { Replicate } from "./confidence.ts";
import type { Picture, StageDemand } from "./demand.ts";
import { keyOf, limitOf, ruleOf } from "./limit.ts";
import { heldBy, type LoopDemand } from "./loop.ts";
import type { ResourceDemand } from "./resource-demand.ts";
import { poolOf } from "./rules/cpu.ts";
import { isSink } from "./rules/workers.ts";
import type { Action, Entity } from "./verdict.ts";

/** The interval leaves out this much on each side. */
const TAIL = 0.05;
/** The model's own error, as a share: waits that shrink or grow with the change are not modelled. */
const MODEL_ERROR = 0.05;
/** A gain below this is no gain. */
export const NO_GAIN = 0.01;

interface Load {
  readonly entity: Entity;
  readonly load: number;
}

/**
 * What each change would buy: X' = X·U/max U' over everything that could limit (operational bounds), so that the next
 * limiter, the event loop and the cores cap it. Nothing is promised beyond what they allow.
 */
export function actionsFor(limiter: Candidate, picture: Picture, replicates: readonly Replicate[]): Action[] {
  const rule = ruleOf(limiter);
  return rule.changes(limiter, picture).map((change) => {
    const { gain, next } = effect(change, limiter, picture);
    const predicted = picture.perSecond * gain;
    const drawn = replicates
      .map((replicate) => replicate.picture.perSecond * effect(change, limiter, replicate.picture).gain)
      .sort((a, b) => a - b);
    const low = drawn[Math.floor(TAIL * drawn.length)] ?? predicted;
    const high = drawn[Math.ceil((1 - TAIL) * drawn.length) - 1] ?? predicted;
    return {
      change: change.change,
      step: change.step,
      predictedThroughput: predicted,
      low: predicted - widened(Math.max(0, predicted - low), predicted),
      high: predicted + widened(Math.max(0, high - predicted), predicted),
      ...(change.isLeast ? { isLeast: true } : {}),
      nextLimiter: next,
    };
  });
}

/** The run's scatter and the model's own error have nothing to do with each other. */
function widened(spread: number, predicted: number): number {
  return Math.hypot(spread, MODEL_ERROR * predicted);
}

function effect(change: Change, limiter: Candidate, picture: Picture): { gain: number; next: Entity | null } {
  const before = current(limiter, picture);
  const loads = loadsAfter(change, limiter, picture).sort((a, b) => b.load - a.load);
  const top = loads[0];
  if (top === undefined || top.load <= 0 || before <= 0) return { gain: 1, next: null };
  const gain = before / top.load;
  // A load that is next to nothing is the rounding of sums: it promises nothing.
  return Number.isFinite(gain * picture.perSecond)
    ? { gain: Math.max(1, gain), next: top.entity }
    : { gain: 1, next: null };
}

/** The limiter's own load now; in a resampled run it need not be the first. */
function current(limiter: Candidate, picture: Picture): number {
  const limit = limitOf(picture);
  const seen = limit.kind === "unsure" ? [] : [limit.first, ...(limit.kind === "balanced" ? [limit.second] : [])];
  const same = [...seen, ...limit.others].find((candidate) => keyOf(candidate) === keyOf(limiter));
  return (same ?? limiter).occupied;
}

function loadsAfter(change: Change, limiter: Candidate, picture: Picture): Load[] {
  const changed = picture.stages.find((demand) => demand.stage.id === change.stageId);
  const isCap = limiter.entity.kind === "in-flight-cap";
  const isLoopEased = picture.loops.some((loop) => savedOnLoop(loop, change) > 0);
  const loads: Load[] = picture.stages
    // Under a cap, a stage that is only visited has as many workers as the cap lets units in.
    .filter((demand) => !(isCap && demand.isVisited))
    .map((demand) => ({ entity: entityOf(demand), load: stageLoad(demand, change, limiter, picture, isLoopEased) }));
  if (isCap) loads.push({ entity: limiter.entity, load: inFlightLoad(change, changed, picture) });
  let savedSeconds = 0;
  for (const loop of picture.loops) {
    const saved = savedOnLoop(loop, change);
    savedSeconds += heldBy(loop, change.stageId) * (1 - change.work) + easedOn(loop, change);
    const isShort = limiter.entity.kind === "cpu" && limiter.threadId === loop.thread.id && change.addedCores === 0;
    const busy = isShort ? loop.busySeconds : loop.busySeconds - loop.cpuWaitSeconds;
    loads.push({
      entity: { kind: "event-loop", name: loop.thread.name },
      load: Math.max(0, busy - saved) / picture.seconds,
    });
  }
  for (const demand of picture.resources) {
    const load = resourceLoad(demand, change, limiter, picture);
    if (load !== null) loads.push({ entity: { kind: "resource", name: demand.resource.name }, load });
    const isOwn = demand.resource.kind === "pool" && change.resourceId === demand.resource.id;
    if (isOwn) savedSeconds += (demand.useSeconds - demand.cpuWaitSeconds) * (1 - change.work);
  }
  const { cores, cpuSeconds } = picture.cpu;
  if (cpuSeconds !== null)
    loads.push({
      entity: { kind: "cpu", name: "cpu" },
      load: Math.max(0, cpuSeconds - savedSeconds) / ((cores + change.addedCores) * picture.seconds),
    });
  if (limiter.entity.kind === "cpu" && !isOfPool(limiter, picture))
    // A shortage is at the cores even where their mean use is below 1; another core takes its share of it.
    loads.push({
      entity: limiter.entity,
      load: (limiter.occupied * cores) / (cores + change.addedCores) - savedSeconds / picture.seconds,
    });
  return loads;
}

function savedOnLoop(loop: LoopDemand, change: Change): number {
  const ofStage = heldBy(loop, change.stageId) * (change.leavesLoop ? 1 : 1 - change.work);
  return ofStage + easedOn(loop, change);
}

/** Seconds that the loop is spared besides what stages do. */
function easedOn(loop: LoopDemand, { eased }: Change): number {
  if (eased === null || eased.threadId !== loop.thread.id) return 0;
  return (1 - eased.factor) * partOf(loop, eased.part);
}

function partOf(loop: LoopDemand, part: Eased["part"]): number {
  if (part.kind === "garbage") return loop.gcSeconds;
  if (part.kind === "mark-sweep") return loop.markSweepSeconds;
  return loop.outside.find(({ name }) => name === part.name)?.seconds ?? 0;
}

/** Share of what a stage holds of the loops that pauses are and then are no more: they fall into whatever runs. */
function sparedPauses(demand: StageDemand, change: Change, picture: Picture): number {
  if (change.eased === null || change.eased.part.kind === "outside") return 0;
  return picture.loops.reduce((sum, loop) => {
    const held = heldBy(loop, demand.stage.id);
    return loop.busySeconds > 0 ? sum + (held * easedOn(loop, change)) / loop.busySeconds : sum;
  }, 0);
}

function stageLoad(
  demand: StageDemand,
  change: Change,
  limiter: Candidate,
  picture: Picture,
  isLoopEased: boolean,
): number {
  const isChanged = demand.stage.id === change.stageId;
  const isLimiter = limiter.stageId === demand.stage.id && limiter.threadId === null;
  const capacity = demand.servers * picture.seconds;
  // What it calls limits: then its own time is only what it does besides, and the calls are that resource's load.
  const isCalling = isLimiter && (limiter.resourceId !== null || isOfPool(limiter, picture));
  const useful = Math.max(0, demand.usefulSeconds - sparedPauses(demand, change, picture));
  const own = isCalling ? Math.max(0, useful - demand.calledUseSeconds) : useful;
  // The limiter keeps its waits when its own time shrinks; those of the others shrink with the load that caused them,
  // and so stay where nothing is taken from the loop.
  const ofLoop = isLoopEased ? 0 : demand.loopWaitSeconds;
  const waits = isLimiter && !isCalling ? Math.max(0, demand.occupied * capacity - own) : ofLoop;
  if (!isChanged) return (own + waits) / capacity;
  // More workers of a stage that runs on the loop share the same loop, whose own load stays in the list.
  const servers = demand.servers + change.addedWorkers;
  return (own * change.work + waits) / (servers * picture.seconds);
}

/** Share of the cap that the same units a second would fill. */
function inFlightLoad(change: Change, changed: StageDemand | undefined, picture: Picture): number {
  const { mean, most } = picture.inFlight;
  if (most === null) return 0;
  // What a source awaits from outside is in its useful time, but no unit is in flight meanwhile.
  const own = changed === undefined ? 0 : Math.min(changed.usefulSeconds, changed.seconds.self + changed.seconds.use);
  const saved = (own * (1 - change.work)) / picture.seconds;
  const cap = most + change.addedInFlight;
  const fullest = Math.max(0, ...picture.loops.map(({ occupied }) => occupied));
  return (Math.max(0, mean - saved) * slowdownByQueueing(most, cap, fullest)) / cap;
}

/** Null where nothing is known of it but the calls, and those do not limit. */
function resourceLoad(demand: ResourceDemand, change: Change, limiter: Candidate, picture: Picture): number | null {
  const { resource, useSeconds, cpuWaitSeconds } = demand;
  const isChanged = resource.id === change.resourceId;
  const work = isChanged ? change.work : 1;
  if (resource.capacity !== null) {
    const servers = resource.capacity + (isChanged ? change.addedServers : 0);
    return ((useSeconds - cpuWaitSeconds) * work) / (servers * picture.seconds);
  }
  if (limiter.resourceId !== resource.id) return null;
  const stage = picture.stages.find((one) => one.stage.id === demand.stage.id);
  const ownShare =
    stage === undefined ? 0 : (stage.usefulSeconds - stage.calledUseSeconds) / (stage.servers * picture.seconds);
  return ownShare + (limiter.occupied - ownShare) * work;
}

/** Whether the cores are short for the threads of a pool. */
function isOfPool(limiter: Candidate, picture: Picture): boolean {
  return limiter.entity.kind === "cpu" && poolOf(limiter, picture) !== undefined;
}

function entityOf(demand: StageDemand): Entity {
  const { name, role } = demand.stage;
  if (demand.isRoot && role === "source") return { kind: "source", name };
  return { kind: isSink(demand) ? "sink" : "workers", name };
}
