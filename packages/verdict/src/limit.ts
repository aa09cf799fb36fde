import { isSilent, orderedByArrows } from "./arrows.ts";
import type { Candidate, Rule } from "./candidate.ts";
import { demandOf, isRunOnly, type Picture } from "./demand.ts";
import { heldBy } from "./loop.ts";
import { remembered } from "./remembered.ts";
import { cpuRule } from "./rules/cpu.ts";
import { eventLoopRule } from "./rules/event-loop.ts";
import { gcRule } from "./rules/gc.ts";
import { HAS_ROOM, inFlightCapRule } from "./rules/in-flight-cap.ts";
import { memoryRule } from "./rules/memory.ts";
import { resourceRule } from "./rules/resource.ts";
import { sinkRule } from "./rules/sink.ts";
import { sourceRule } from "./rules/source.ts";
import { workersRule } from "./rules/workers.ts";
import type { EntityKind } from "./verdict.ts";

/** Utilisations closer than this cannot be told apart from one run. */
export const NEAR_TIE = 0.08;
/** A row of three without buffers and with exponential times still reaches 0.56; below half, nothing is near a limit. */
const NEAR_LIMIT = 0.5;
/** From this share of held time on, a stage's own time is the loop's time, and its workers are no limit of their own. */
const SYNCHRONOUS = 0.5;
/** From this share of calls on, a stage's busy time is the time of what it calls. */
const CALLS = 0.5;
/** If another source is held up this much, something downstream limits both. */
const HELD_UP = 0.1;
/** From here on what holds the sources up is itself near its limit. */
const HOLDS_UP = 0.9;

const RULES: Partial<Record<EntityKind, Rule>> = {
  source: sourceRule,
  workers: workersRule,
  sink: sinkRule,
  "event-loop": eventLoopRule,
  resource: resourceRule,
  cpu: cpuRule,
  gc: gcRule,
  memory: memoryRule,
};

/** What is the time of a stage's own workers. */
const OF_STAGES: ReadonlySet<EntityKind> = new Set(["source", "workers", "sink"]);

/** What stands for all of an event loop's time. */
const OF_LOOP: ReadonlySet<EntityKind> = new Set(["cpu", "gc", "memory"]);

export function ruleOf(candidate: Candidate): Rule {
  if (candidate.entity.kind === "in-flight-cap") return inFlightCapRule;
  // The workers of a stage may be those of a pool, which are a resource of its.
  return candidate.resourceId === null ? (RULES[candidate.entity.kind] as Rule) : resourceRule;
}

/** What limits a component in one window. */
export type Limit =
  | {
      readonly kind: "bottleneck" | "source-limited" | "in-flight-limited";
      readonly first: Candidate;
      readonly others: readonly Candidate[];
    }
  | {
      readonly kind: "balanced";
      readonly first: Candidate;
      readonly second: Candidate;
      readonly others: readonly Candidate[];
    }
  | { readonly kind: "unsure"; readonly missing: string; readonly others: readonly Candidate[] };

/**
 * The largest utilisation limits, unless two are level or none is near its limit. Units that are all under way while
 * all else has room are limited by their number.
 */
export const limitOf: (picture: Picture) => Limit = remembered((picture) => {
  const all = Object.values(RULES).flatMap((rule) => rule.candidates(picture));
  // Of a thousand stages most are no part of anything else's time.
  const wider = all.filter(({ entity, resourceId }) => resourceId !== null || !OF_STAGES.has(entity.kind));
  const ranked = firstOfEach(
    all
      .filter((candidate) => !isPartOfAnother(candidate, wider, picture) && !isHeldUpElsewhere(candidate, all, picture))
      .sort(byUtilisation),
  );
  const [cap] = inFlightCapRule.candidates(picture);
  const limits = ranked.filter((candidate) => !growsWithUnits(candidate, picture));
  if (cap !== undefined && limits.every(({ utilisation }) => utilisation < HAS_ROOM))
    return { kind: "in-flight-limited", first: cap, others: limits };
  const [first, ...rest] = ranked;
  if (first === undefined || first.utilisation < NEAR_LIMIT)
    return { kind: "unsure", missing: nothingNearLimit(first, picture), others: ranked };
  const needsArrows =
    first.resourceId === null &&
    (first.entity.kind === "source" || first.entity.kind === "sink" || first.entity.kind === "workers");
  if (needsArrows && isSilent(picture))
    return {
      kind: "unsure",
      missing:
        "no stage was ever seen starved or blocked, so nobody knows how many workers there are: " +
        "take input with pull() and hand output on with push(), or declare the workers",
      others: ranked,
    };
  // Of several sources that all limit, each is the source; one is named.
  const rivals = rest.filter((one) => !(one.entity.kind === "source" && first.entity.kind === "source"));
  const level = rivals[0];
  if (level !== undefined && first.utilisation - level.utilisation <= NEAR_TIE) {
    const [a, b] = orderedByArrows(first, level, picture);
    return { kind: "balanced", first: a, second: b, others: rest.filter((one) => one !== level) };
  }
  return { kind: first.entity.kind === "source" ? "source-limited" : "bottleneck", first, others: rest };
});

/** The first of all that have one name. */
function firstOfEach(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return candidates.filter((candidate) => {
    const key = keyOf(candidate);
    return !seen.has(key) && seen.add(key);
  });
}

/** A name for the answer that is the same whenever the answer is. */
export function keyOf(candidate: Candidate): string {
  return `${candidate.entity.kind}|${candidate.entity.name}|${candidate.stage ?? ""}`;
}

/**
 * True for a stage that has as many workers as units come to it: how busy they are says nothing of how many more could
 * come. The only stage of all names the units better than a cap does.
 */
function growsWithUnits(candidate: Candidate, picture: Picture): boolean {
  if (candidate.stageId === null || candidate.resourceId !== null || picture.stages.length === 1) return false;
  const { kind } = candidate.entity;
  const demand = demandOf(picture, candidate.stageId);
  if (demand === undefined || !demand.isVisited) return false;
  // A source that was seen to wait for what it reads is slow, whoever reads.
  return kind === "workers" || kind === "sink" || (kind === "source" && isRunOnly(demand.seconds));
}

/** True if the candidate's time is the time of an event loop, or of cores, that stand for it. */
function isPartOfAnother(candidate: Candidate, all: readonly Candidate[], picture: Picture): boolean {
  const { kind } = candidate.entity;
  if (kind === "cpu") return all.some((other) => isShortByItsHeap(candidate, other, picture));
  if (kind === "gc" || kind === "memory")
    return all.some((other) => isShortOfCores(other, candidate) && !isShortByItsHeap(other, candidate, picture));
  if (candidate.resourceId !== null)
    return all.some((other) => isOfPool(other, candidate) && other.utilisation >= candidate.utilisation);
  if (kind === "event-loop")
    return all.some((other) => OF_LOOP.has(other.entity.kind) && other.threadId === candidate.threadId);
  const demand = candidate.stageId === null ? undefined : demandOf(picture, candidate.stageId);
  if (demand === undefined) return false;
  const called = demand.calledWaitSeconds + demand.calledUseSeconds;
  const isMostlyCalls = called >= CALLS * (demand.usefulSeconds + demand.calledWaitSeconds);
  return all.some((other) => {
    if (other.resourceId !== null)
      return (
        isMostlyCalls && other.stageId === candidate.stageId && other.utilisation >= candidate.utilisation - NEAR_TIE
      );
    if (other.entity.kind === "cpu" && other.threadId === null) return other.stageId === candidate.stageId;
    if (other.entity.kind !== "event-loop" && !OF_LOOP.has(other.entity.kind)) return false;
    const loop = picture.loops.find((one) => one.thread.id === other.threadId);
    const held = loop === undefined ? 0 : heldBy(loop, candidate.stageId);
    // The loop must be as full as the workers: a stage that also waits for its own I/O gains from one more worker.
    const own = demand.usefulSeconds + demand.cpuWaitSeconds;
    return held >= SYNCHRONOUS * own && other.utilisation >= candidate.utilisation - NEAR_TIE;
  });
}

/** Whether the thread of the same loop gets too little of the cores: then whatever it does takes longer. */
function isShortOfCores(other: Candidate, { threadId }: Candidate): boolean {
  return other.entity.kind === "cpu" && other.threadId === threadId;
}

/** V8 marks with threads of its own: where the process itself fills the cores, a heap near its limit has a part in that. */
const CORES_BUSY = 0.85;

function isShortByItsHeap(shortage: Candidate, other: Candidate, { cpu }: Picture): boolean {
  return other.entity.kind === "memory" && isShortOfCores(shortage, other) && (cpu.utilisation ?? 0) >= CORES_BUSY;
}

/** Whether it is the shortage of cores that a pool's threads have. */
function isOfPool(other: Candidate, pool: Candidate): boolean {
  return other.entity.kind === "cpu" && other.threadId === null && other.stageId === pool.stageId;
}

/** A slow source among others is no limit while what they share holds the others up. */
function isHeldUpElsewhere(candidate: Candidate, all: readonly Candidate[], picture: Picture): boolean {
  if (candidate.entity.kind !== "source") return false;
  const isHolding = all.some((one) => one.entity.kind !== "source" && one.utilisation >= HOLDS_UP);
  return (
    isHolding &&
    picture.stages.some(
      (demand) => demand.isRoot && demand.stage.id !== candidate.stageId && demand.blockedShare >= HELD_UP,
    )
  );
}

function nothingNearLimit(first: Candidate | undefined, picture: Picture): string {
  const end = picture.stages.find((demand) => demand.isTerminal && demand.blockedShare >= NEAR_LIMIT);
  if (end !== undefined)
    return `${end.stage.name} was blocked ${Math.round(end.blockedShare * 100)} % of the time, but nothing that takes from it was recorded: record that part too`;
  if (first === undefined) return "nothing that could limit was recorded: record at least one stage";
  return (
    `nothing is near its limit: the busiest, ${first.entity.name}, is at ${Math.round(first.utilisation * 100)} %; ` +
    "the stages may take turns (one unit in flight), or wait for something that was not recorded"
  );
}

function byUtilisation(a: Candidate, b: Candidate): number {
  if (a.utilisation !== b.utilisation) return b.utilisation - a.utilisation;
  const left = keyOf(a);
  const right = keyOf(b);
  return left < right ? -1 : left > right ? 1 : 0;
}
