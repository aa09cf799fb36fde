import { type Candidate, NO_CHANGE, type Rule } from "../candidate.ts";
import { demandOf } from "../demand.ts";
import { percent } from "../words.ts";

/** A resource that its stage waits for less than this is not short. */
const WAITED_FOR = 0.05;
/** Where the capacity is unknown only waiting shows a shortage, and it must be a good part of the stage's time. */
const WAITED_FOR_UNKNOWN = 0.3;

/** A resource limits: its capacity is in use nearly all the time, and a stage waits for it. */
export const resourceRule: Rule = {
  candidates(picture) {
    const candidates: Candidate[] = [];
    for (const { resource, stage, utilisation } of picture.resources) {
      const demand = demandOf(picture, stage.id);
      if (demand === undefined) continue;
      const { wait, self, use } = demand.seconds;
      const capacitySeconds = demand.servers * picture.seconds;
      if (wait / capacitySeconds < (utilisation === null ? WAITED_FOR_UNKNOWN : WAITED_FOR)) continue;
      const reached = utilisation ?? Math.min(1, (wait + self + use) / capacitySeconds);
      candidates.push({
        entity: { kind: "resource", name: resource.name },
        stage: stage.name,
        stageId: stage.id,
        threadId: null,
        utilisation: reached,
        occupied: reached,
      });
    }
    return candidates;
  },
  why(candidate, picture) {
    const demand = candidate.stageId === null ? undefined : demandOf(picture, candidate.stageId);
    if (demand === undefined) return [];
    const waitShare = demand.seconds.wait / (demand.servers * picture.seconds);
    return [
      { text: `${candidate.entity.name} in use ${percent(candidate.utilisation)}`, value: candidate.utilisation },
      { text: `${demand.stage.name} waits for it ${percent(waitShare)}`, value: waitShare },
    ];
  },
  summary(candidate) {
    return `${candidate.entity.name} (${percent(candidate.utilisation)})`;
  },
  changes(candidate) {
    const { stage, stageId } = candidate;
    return [{ ...NO_CHANGE, change: `more ${stage} workers`, stageId, addedWorkers: 1 }];
  },
};
