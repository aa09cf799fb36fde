import type { Rule } from "../candidate.ts";
import { percent } from "../words.ts";
import { isSink, stageCandidate, stageChanges, stageFindings } from "./workers.ts";

/** The sink limits: what takes the results away is at work nearly all the time. */
export const sinkRule: Rule = {
  candidates(picture) {
    return picture.stages.filter(isSink).map((demand) => stageCandidate(demand, "sink"));
  },
  why: stageFindings,
  summary(candidate) {
    return `sink ${candidate.entity.name} (${percent(candidate.utilisation)})`;
  },
  changes: stageChanges,
};
