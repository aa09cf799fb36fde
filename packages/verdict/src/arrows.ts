import type { Candidate } from "./candidate.ts";
import { demandOf, type Picture, type StageDemand } from "./demand.ts";
import { isUpstream, predecessors, successors } from "./graph.ts";
import type { Finding } from "./verdict.ts";
import { percent } from "./words.ts";

/**
 * How far the stages around a limit point at it: who feeds it should be blocked when idle, who takes from it starved.
 *
 * @returns 0 (they point away) to 1; null if no neighbour was ever idle, so that nothing can be said
 */
export function agreementOf(candidate: Candidate, picture: Picture): number | null {
  if (candidate.stageId === null) return null;
  let pointing = 0;
  let idle = 0;
  for (const demand of neighbours(picture, candidate.stageId, predecessors)) {
    pointing += demand.seconds.blocked;
    idle += demand.seconds.blocked + demand.seconds.starved;
  }
  for (const demand of neighbours(picture, candidate.stageId, successors)) {
    pointing += demand.seconds.starved;
    idle += demand.seconds.blocked + demand.seconds.starved;
  }
  return idle > 0 ? pointing / idle : null;
}

/** Idle time of which less than this share is called starved or blocked says that nobody recorded either. */
const HEARD = 0.01;
/** Less idle time than this share of the capacity and there is nothing to hear. */
const IDLE = 0.05;

/**
 * True if stages were idle and yet none ever said that it was starved or blocked. Then the number of workers is a guess
 * wherever it was not declared, and so is every utilisation.
 */
export function isSilent(picture: Picture): boolean {
  if (picture.component.edges.length === 0) return false;
  if (picture.component.stages.every((stage) => stage.workers !== null)) return false;
  let capacity = 0;
  let idle = 0;
  let heard = 0;
  for (const demand of picture.stages) {
    const seconds = demand.servers * picture.seconds;
    const { self, use, wait, unknown, starved, blocked } = demand.seconds;
    capacity += seconds;
    idle += Math.max(0, seconds - self - use - wait - unknown);
    heard += starved + blocked;
  }
  return idle > IDLE * capacity && heard < HEARD * idle;
}

/** What the direct neighbours of a stage say, the loudest of each side. */
export function neighbourFindings(picture: Picture, stageId: number): Finding[] {
  const findings: Finding[] = [];
  const before = loudest(neighbours(picture, stageId, predecessors), (demand) => demand.blockedShare);
  if (before !== null && before.blockedShare > 0.005)
    findings.push({
      text: `upstream ${before.stage.name} blocked ${percent(before.blockedShare)}`,
      value: before.blockedShare,
    });
  const after = loudest(neighbours(picture, stageId, successors), (demand) => demand.starvedShare);
  if (after !== null && after.starvedShare > 0.005)
    findings.push({
      text: `downstream ${after.stage.name} starved ${percent(after.starvedShare)}`,
      value: after.starvedShare,
    });
  return findings;
}

/** Two limits that are level, ordered by the arrows between them: the one that the other waits for comes first. */
export function orderedByArrows(first: Candidate, second: Candidate, picture: Picture): [Candidate, Candidate] {
  if (first.stageId === null || second.stageId === null) return [first, second];
  const a = demandOf(picture, first.stageId);
  const b = demandOf(picture, second.stageId);
  if (a === undefined || b === undefined) return [first, second];
  if (isUpstream(picture.component, first.stageId, second.stageId))
    return a.blockedShare > b.starvedShare ? [second, first] : [first, second];
  if (isUpstream(picture.component, second.stageId, first.stageId))
    return b.blockedShare > a.starvedShare ? [first, second] : [second, first];
  return [first, second];
}

function neighbours(picture: Picture, stageId: number, side: typeof predecessors): StageDemand[] {
  const ids = new Set(side(picture.component, stageId).map((stage) => stage.id));
  return picture.stages.filter((demand) => ids.has(demand.stage.id));
}

function loudest(demands: readonly StageDemand[], by: (demand: StageDemand) => number): StageDemand | null {
  return demands.reduce<StageDemand | null>(
    (best, demand) => (best === null || by(demand) > by(best) ? demand : best),
    null,
  );
}
