import { type Change, halved, NO_CHANGE, type Rule } from "../candidate.ts";
import type { Picture, StageDemand } from "../demand.ts";
import type { Finding } from "../verdict.ts";
import { percent } from "../words.ts";

/** What is at work for a smaller share than this could take more units. */
export const HAS_ROOM = 0.85;
/** Under a cap a unit that ends makes place for the next at once: their number is this share of it or more. */
const FULL = 0.9;
/** No mean is above the most, but for the moment between a snapshot's clock and its counts; else the most was missed. */
const MISSED = 1.02;
/**
 * Where every worker has a unit and none is at work over 85 %, a pipeline whose places between stages are full is
 * blocked for 5 of the 90 % that it needs to look full here, and mostly far more: a full place is no cap.
 */
const HELD_UP = 0.05;

/** The number of units that may be under way at once limits: there are always as many, and all else has room. */
export const inFlightCapRule: Rule = {
  candidates(picture) {
    const { mean, most, heldUpShare } = picture.inFlight;
    if (most === null || mean < FULL * most || mean > MISSED * most || heldUpShare > HELD_UP) return [];
    // The number of units that come at random scatters by its root (Poisson), and many looks meet more than that.
    if (most - mean > Math.sqrt(mean)) return [];
    const { utilisation } = picture.cpu;
    if ((utilisation ?? 0) >= HAS_ROOM || picture.loops.some(({ occupied }) => occupied >= HAS_ROOM)) return [];
    const share = Math.min(1, mean / most);
    return [
      {
        entity: { kind: "in-flight-cap", name: pipelineOf(picture) },
        stage: null,
        stageId: null,
        threadId: null,
        resourceId: null,
        utilisation: share,
        occupied: share,
      },
    ];
  },
  why(candidate, picture) {
    const { mean, most, heldUpShare } = picture.inFlight;
    const findings: Finding[] = [
      { text: `${count(mean)} of at most ${count(most ?? mean)} units in flight`, value: candidate.utilisation },
    ];
    const longest = longestOf(picture);
    if (longest !== null) {
      const share = Math.min(1, inFlightIn(longest) / (mean * picture.seconds));
      findings.push({ text: `${longest.stage.name} has ${percent(share)} of a unit's time`, value: share });
    }
    findings.push({ text: `${percent(heldUpShare)} of it is waiting for room or for others`, value: heldUpShare });
    const busiest = busiestOf(picture);
    if (busiest !== null) findings.push({ text: `nothing else is busy over ${percent(busiest)}`, value: busiest });
    for (const { resource } of picture.resources)
      if (resource.kind === "service" && resource.capacity === null)
        findings.push({ text: `whether ${resource.name} takes more calls at once cannot be told`, value: 0 });
    return findings;
  },
  summary(candidate) {
    return `units in flight (${percent(candidate.utilisation)})`;
  },
  changes(candidate, picture) {
    const from = Math.round(picture.inFlight.most ?? 1);
    const more: Change = {
      ...NO_CHANGE,
      change: `units in flight ${from} -> ${2 * from}`,
      addedInFlight: from,
      step: { kind: "in-flight", pipeline: candidate.entity.name, from, to: 2 * from },
    };
    const longest = longestOf(picture);
    if (longest === null) return [more];
    const { id, name } = longest.stage;
    return [
      more,
      { ...NO_CHANGE, change: `halve ${name}'s time`, stageId: id, work: 0.5, step: halved("stage", name) },
    ];
  },
};

/** Where a unit spends most of its time; null where nothing is in flight. */
function longestOf(picture: Picture): StageDemand | null {
  const [first, ...rest] = picture.stages;
  if (first === undefined) return null;
  const longest = rest.reduce((best, demand) => (inFlightIn(demand) > inFlightIn(best) ? demand : best), first);
  return inFlightIn(longest) > 0 ? longest : null;
}

function inFlightIn({ seconds }: StageDemand): number {
  return seconds.self + seconds.wait + seconds.use + seconds.blocked;
}

/** Of what more units would not bring more of; null where nothing of that is known. */
function busiestOf({ stages, loops, resources, cpu }: Picture): number | null {
  const known = [
    ...stages.filter(({ isVisited }) => !isVisited).map(({ utilisation }) => utilisation),
    ...loops.map(({ occupied }) => occupied),
    ...resources.map(({ utilisation }) => utilisation),
    cpu.utilisation,
  ].filter((utilisation) => utilisation !== null);
  return known.length > 0 ? Math.max(...known) : null;
}

/** `3.94` as `3.9`, `4` as `4`. */
function count(units: number): string {
  return String(Math.round(units * 10) / 10);
}

function pipelineOf({ component }: Picture): string {
  return component.roots[0]?.pipeline ?? "";
}
