import { type Candidate, halved, NO_CHANGE, type Rule } from "../candidate.ts";
import { demandOf, type Picture, type StageDemand } from "../demand.ts";
import { isCalled, type ResourceDemand } from "../resource-demand.ts";
import type { Entity, Finding } from "../verdict.ts";
import { duration, percent } from "../words.ts";
import { poolChanges } from "./pool-changes.ts";

/** A resource that is held by its stages' workers and that they wait for less than this is not short. */
const WAITED_FOR = 0.05;
/** Where the capacity is unknown only waiting shows a shortage, and it must be a good part of the stage's time. */
const WAITED_FOR_UNKNOWN = 0.3;
/** A service stands for the stage that calls it if at least this share of the stage's busy time is calls. */
const MOSTLY_CALLS = 0.5;

/** A resource limits: a pool or service that stages call, or one that their workers hold and wait for. */
export const resourceRule: Rule = {
  candidates(picture) {
    return picture.resources.flatMap((demand) => {
      const stage = demandOf(picture, demand.stage.id);
      const reached = stage === undefined ? null : reachedBy(demand, stage, picture);
      if (reached === null) return [];
      const candidate: Candidate = {
        entity: entityOf(demand),
        stage: demand.stage.name,
        stageId: demand.stage.id,
        threadId: null,
        resourceId: demand.resource.id,
        ...reached,
      };
      return [candidate];
    });
  },
  why(candidate, picture) {
    const found = foundBy(candidate, picture);
    if (found === null) return [];
    const { demand, stage } = found;
    const { name, kind, capacity } = demand.resource;
    const findings: Finding[] = [];
    if (capacity !== null) {
      const who = kind === "pool" ? `pool ${name} (${capacity} thread${capacity === 1 ? "" : "s"})` : name;
      const inUse = demand.occupied ?? 0;
      findings.push({ text: `${who} in use ${percent(inUse)}`, value: inUse });
    }
    const capacitySeconds = stage.servers * picture.seconds;
    if (isCalled(kind) && capacity === null) {
      const calls = (stage.calledWaitSeconds + stage.calledUseSeconds) / capacitySeconds;
      findings.push({ text: `${stage.stage.name} waits for its answers ${percent(calls)}`, value: calls });
      const each = demand.uses > 0 ? demand.useSeconds / demand.uses : 0;
      findings.push({ text: `a call takes ${duration(each)}`, value: each });
      const atOnce = demand.useSeconds / picture.seconds;
      findings.push({ text: `${atOnce.toFixed(1)} calls at once`, value: atOnce });
      findings.push({
        text: "whether they queue inside it cannot be told without changing how many there are at once",
        value: 0,
      });
    }
    const queue = demand.uses > 0 ? demand.waitSeconds / demand.uses : 0;
    if (queue > 0.0005) findings.push({ text: `a call queues ${duration(queue)} before it`, value: queue });
    const waitShare = stage.seconds.wait / capacitySeconds;
    if (!isCalled(kind))
      findings.push({ text: `${stage.stage.name} waits for it ${percent(waitShare)}`, value: waitShare });
    return findings;
  },
  summary(candidate, picture) {
    const name = foundBy(candidate, picture)?.demand.resource.name ?? candidate.entity.name;
    return `${name} (${percent(candidate.utilisation)})`;
  },
  changes(candidate, picture) {
    const found = foundBy(candidate, picture);
    if (found === null) return [];
    const { resource } = found.demand;
    const { stage, stageId } = candidate as Candidate & { stage: string };
    if (resource.kind === "pool" && resource.capacity !== null) {
      const { moreThreads, halfTheTime } = poolChanges(resource, stage);
      return [moreThreads, halfTheTime];
    }
    if (isCalled(resource.kind)) {
      return [
        {
          ...NO_CHANGE,
          change: `halve the time of a call to ${resource.name}`,
          resourceId: resource.id,
          work: 0.5,
          step: halved("resource", resource.name),
        },
      ];
    }
    return [
      {
        ...NO_CHANGE,
        change: `more ${stage} workers`,
        stageId,
        addedWorkers: 1,
        step: { kind: "workers", stage, from: 1, to: 2 },
      },
    ];
  },
};

/** A pool that one stage alone calls is that stage's workers. */
function entityOf({ resource, stage, isSole }: ResourceDemand): Entity {
  if (resource.kind === "pool" && isSole) return { kind: "workers", name: stage.name };
  return { kind: "resource", name: resource.name };
}

function reachedBy(
  demand: ResourceDemand,
  stage: StageDemand,
  picture: Picture,
): Pick<Candidate, "utilisation" | "occupied"> | null {
  const { utilisation, occupied } = demand;
  const capacitySeconds = stage.servers * picture.seconds;
  if (isCalled(demand.resource.kind)) {
    if (utilisation !== null && occupied !== null) return { utilisation, occupied };
    const calls = stage.calledWaitSeconds + stage.calledUseSeconds;
    const busy = Math.min(1, (stage.usefulSeconds + stage.calledWaitSeconds) / capacitySeconds);
    if (calls < MOSTLY_CALLS * busy * capacitySeconds) return null;
    return { utilisation: busy, occupied: busy };
  }
  const { wait, self, use } = stage.seconds;
  if (wait / capacitySeconds < (utilisation === null ? WAITED_FOR_UNKNOWN : WAITED_FOR)) return null;
  const reached = utilisation ?? Math.min(1, (wait + self + use) / capacitySeconds);
  return { utilisation: reached, occupied: reached };
}

function foundBy(candidate: Candidate, picture: Picture): { demand: ResourceDemand; stage: StageDemand } | null {
  const demand = picture.resources.find(({ resource }) => resource.id === candidate.resourceId);
  const stage = demand === undefined ? undefined : demandOf(picture, demand.stage.id);
  return demand === undefined || stage === undefined ? null : { demand, stage };
}
