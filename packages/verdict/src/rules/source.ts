import { neighbourFindings } from "../arrows.ts";
import { type Candidate, halved, NO_CHANGE, type Rule } from "../candidate.ts";
import { demandOf, type Picture, type StageDemand } from "../demand.ts";
import { successors } from "../graph.ts";
import type { RecordedStage } from "../recording.ts";
import type { Finding } from "../verdict.ts";
import { label, percent } from "../words.ts";

/** Below this a first stage or the consumers of a source are idle now and then, which any queue is. */
const STARVED = 0.1;
/** A source that is held up longer than this could deliver more. */
const BLOCKED = 0.05;
/** From here on something else may as well be the limit, and an unseen source is not accused. */
const OTHERS_BUSY = 0.9;
/** A headroom beyond a hundred says nothing. */
const LEAST_BUSY = 0.01;

/** The source's own useful time limits: what follows waits for it, and nothing holds it up. */
export const sourceRule: Rule = {
  candidates(picture) {
    return picture.stages.filter((demand) => demand.isRoot).map((demand) => candidate(demand, picture));
  },
  why(candidate, picture) {
    const demand = candidate.stageId === null ? undefined : demandOf(picture, candidate.stageId);
    if (demand === undefined) return [];
    const { name } = demand.stage;
    const findings = isWorking(demand.stage)
      ? [
          { text: `${name} ${percent(demand.utilisation)} in its own time`, value: demand.utilisation },
          { text: `${name} blocked ${percent(demand.blockedShare)}`, value: demand.blockedShare },
        ]
      : [
          {
            text: `${name} starved ${percent(candidate.utilisation)}: too little arrives`,
            value: candidate.utilisation,
          },
        ];
    return [...findings, ...neighbourFindings(picture, demand.stage.id)];
  },
  summary(candidate) {
    return `source ${candidate.entity.name} (${percent(candidate.utilisation)})`;
  },
  changes(candidate, picture) {
    const { name } = candidate.entity;
    const stage = candidate.stageId === null ? undefined : demandOf(picture, candidate.stageId)?.stage;
    return [
      {
        ...NO_CHANGE,
        change:
          stage !== undefined && isServer(stage) ? `twice as many requests for ${name}` : `make ${name} twice as fast`,
        stageId: candidate.stageId,
        work: 0.5,
        step: halved("stage", candidate.entity.name),
      },
    ];
  },
};

/** How much more the busiest of the rest could take. */
export function headroom(others: readonly Candidate[]): Finding[] {
  const busiest = others.find((other) => other.entity.kind !== "source");
  if (busiest === undefined || busiest.utilisation < LEAST_BUSY) return [];
  const times = 1 / busiest.utilisation;
  const at = percent(busiest.utilisation);
  return [{ text: `busiest is ${label(busiest.entity)} at ${at}, headroom x${times.toFixed(1)}`, value: times }];
}

/** What a source does itself, or waits for outside. A server waits for requests only while it has none. */
function ownShare(demand: StageDemand, picture: Picture): number {
  if (isServer(demand.stage)) return Math.min(1, demand.seconds.starved / (demand.threads * picture.seconds));
  return demand.stage.role === "source" ? demand.utilisation : demand.starvedShare;
}

function isServer({ port }: RecordedStage): boolean {
  return port !== undefined;
}

function isWorking(stage: RecordedStage): boolean {
  return stage.role === "source" && !isServer(stage);
}

function candidate(demand: StageDemand, picture: Picture): Candidate {
  const own = ownShare(demand, picture);
  const utilisation = isFedTooSlowly(demand, picture) ? 1 : own;
  return {
    entity: { kind: "source", name: demand.stage.name },
    stage: demand.stage.name,
    stageId: demand.stage.id,
    threadId: null,
    resourceId: null,
    utilisation,
    occupied: Math.max(utilisation, isWorking(demand.stage) ? demand.occupied : 0),
  };
}

/** True if what feeds the pipeline is itself unseen, but everything that was seen waits for it. */
function isFedTooSlowly(demand: StageDemand, picture: Picture): boolean {
  const isSource = demand.stage.role === "source";
  const others = [
    ...picture.stages.filter((one) => one !== demand || !isSource).map((one) => one.utilisation),
    ...picture.loops.map((loop) => loop.occupied),
    ...picture.resources.map((resource) => resource.utilisation ?? 0),
  ];
  if (others.some((utilisation) => utilisation >= OTHERS_BUSY)) return false;
  if (demand.blockedShare >= BLOCKED) return false;
  if (!isSource) return demand.starvedShare >= STARVED;
  const { self, use, wait, blocked, unknown } = demand.seconds;
  const unseenShare = 1 - (self + use + wait + blocked + unknown) / (demand.servers * picture.seconds);
  const next = new Set(successors(picture.component, demand.stage.id).map((stage) => stage.id));
  const consumers = picture.stages.filter((one) => next.has(one.stage.id));
  return unseenShare >= STARVED && consumers.length > 0 && consumers.every((one) => one.starvedShare >= STARVED);
}
