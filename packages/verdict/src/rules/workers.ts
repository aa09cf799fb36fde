import { neighbourFindings } from "../arrows.ts";
import { type Candidate, type Change, halved, NO_CHANGE, type Rule } from "../candidate.ts";
import { demandOf, type Picture, type StageDemand } from "../demand.ts";
import type { Finding } from "../verdict.ts";
import { percent, plural } from "../words.ts";

/** A stage's own workers limit: they are at work nearly all the time. */
export const workersRule: Rule = {
  candidates(picture) {
    return picture.stages
      .filter((demand) => !isSink(demand) && !(demand.isRoot && demand.stage.role === "source"))
      .map((demand) => stageCandidate(demand, "workers"));
  },
  why: stageFindings,
  summary(candidate) {
    return `${candidate.entity.name} (${percent(candidate.utilisation)})`;
  },
  changes: stageChanges,
};

/** True for a stage that ends the pipeline. One that is the whole pipeline ends nothing, unless it is declared a sink. */
export function isSink(demand: StageDemand): boolean {
  if (!demand.isTerminal) return false;
  return demand.stage.role === "sink" || (demand.stage.role === "stage" && !demand.isRoot);
}

export function stageCandidate(demand: StageDemand, kind: "workers" | "sink"): Candidate {
  return {
    entity: { kind, name: demand.stage.name },
    stage: demand.stage.name,
    stageId: demand.stage.id,
    threadId: null,
    resourceId: null,
    utilisation: demand.utilisation,
    occupied: demand.occupied,
  };
}

export function stageFindings(candidate: Candidate, picture: Picture): Finding[] {
  const demand = candidate.stageId === null ? undefined : demandOf(picture, candidate.stageId);
  if (demand === undefined) return [];
  const { name } = demand.stage;
  // The snapshots' clock is a moment ahead of their counts: 1.0004 workers are one.
  const count = Math.round(demand.servers * 10) / 10;
  const workers = count > 1 ? `${plural(count, "worker")} of ${name}` : name;
  const findings = [
    { text: `${workers} ${percent(demand.utilisation)} in its own work`, value: demand.utilisation },
    ...neighbourFindings(picture, demand.stage.id),
  ];
  const waitShare = demand.loopWaitSeconds / (demand.servers * picture.seconds);
  if (waitShare >= 0.01)
    findings.push({ text: `${name} waits for the event loop ${percent(waitShare)}`, value: waitShare });
  return findings;
}

export function stageChanges(candidate: Candidate, picture: Picture): Change[] {
  const demand = candidate.stageId === null ? undefined : demandOf(picture, candidate.stageId);
  if (demand === undefined) return [];
  const { id, name } = demand.stage;
  const workers = Math.round(demand.servers);
  return [
    { ...NO_CHANGE, change: `halve ${name}'s time`, stageId: id, work: 0.5, step: halved("stage", name) },
    {
      ...NO_CHANGE,
      change: `${name} workers ${workers} -> ${workers + 1}`,
      stageId: id,
      addedWorkers: 1,
      step: { kind: "workers", stage: name, from: workers, to: workers + 1 },
    },
  ];
}
