import { agreementOf } from "./arrows.ts";
import type { Candidate } from "./candidate.ts";
import { type Picture, pictureOf, type Surroundings } from "./demand.ts";
import { keyOf, type Limit, limitOf } from "./limit.ts";
import { WANTED_PARTS } from "./period.ts";
import { randomFrom } from "./random.ts";
import { loopOf } from "./rules/event-loop.ts";
import { sumOf, type WindowSignals } from "./signal.ts";
import type { Confidence, ConfidenceLevel, EntityKind } from "./verdict.ts";
import { label, percent } from "./words.ts";

/** Enough for a share to be right within 4 points (one standard error at a half), few enough to be quick. */
const REPLICATES = 200;
const HIGH = 0.8;
const MEDIUM = 0.5;
/** Arrows that point away must not leave more than a low confidence. */
const ARROWS_WEIGHT = 0.6;
/** Neighbours that say nothing neither support nor contradict. */
const NO_ARROWS = 0.7;
/** A lead of this much over the next leaves no doubt which is first; the score falls with less, to this share of it. */
const CLEAR_LEAD = 0.2;
const NO_LEAD = 0.75;
/** Nothing that was only sampled is certain. */
const MOST = 0.99;
/** What limits by filling an event loop. */
const FILLS_A_LOOP: ReadonlySet<EntityKind> = new Set(["event-loop", "gc", "memory"]);
/** A loop this full is a full loop; below, the score falls in proportion. */
const FULL_LOOP = 0.9;

/** The same window drawn again and again from its own parts (bootstrap, Efron 1979). */
export interface Replicate {
  readonly picture: Picture;
  readonly limit: Limit;
}

/** Resampled windows; the same seed gives the same ones. */
export function replicatesOf(
  surroundings: Surroundings,
  parts: readonly WindowSignals[],
  seed: number,
): readonly Replicate[] {
  if (parts.length < 2) return [];
  const random = randomFrom(seed);
  return Array.from({ length: REPLICATES }, () => {
    const drawn = parts.map(() => parts[Math.floor(random() * parts.length)] as WindowSignals);
    const picture = pictureOf(surroundings, sumOf(drawn));
    return { picture, limit: limitOf(picture) };
  });
}

/** True if the limit's largest utilisation is one of the named. */
export function isNamed(limit: Limit, named: readonly Candidate[]): boolean {
  if (limit.kind === "unsure") return false;
  const second = limit.kind === "balanced" ? limit.second : null;
  const top = second !== null && second.utilisation > limit.first.utilisation ? second : limit.first;
  return named.some((candidate) => keyOf(candidate) === keyOf(top));
}

/**
 * Win share of the bootstrap x coverage x arrows x lead over the next.
 *
 * @param named - the one that limits, or both of a balanced pair
 * @param others - what else could limit, the busiest first
 * @param keptShare - share of the time that is judged, if the run changed and was cut; else 1
 */
export function confidenceOf(
  named: readonly Candidate[],
  others: readonly Candidate[],
  picture: Picture,
  replicates: readonly Replicate[],
  partCount: number,
  keptShare: number,
): Confidence {
  const reasons: string[] = [];
  const wins = replicates.filter((replicate) => isNamed(replicate.limit, named)).length;
  const winShare = replicates.length > 0 ? wins / replicates.length : 1;
  if (replicates.length > 0) reasons.push(`first in ${percent(winShare)} of ${replicates.length} resampled runs`);
  if (picture.coverage < 1) reasons.push(`states known for ${percent(picture.coverage)} of the time`);
  const support = supportOf(named[0] as Candidate, picture, reasons) * leadOf(named, others, reasons);
  // Few parts say little about how the run scatters, and a single one nothing.
  const most = partCount >= WANTED_PARTS ? MOST : partCount > 1 ? HIGH - 0.01 : MEDIUM - 0.01;
  if (most < MOST)
    reasons.push(`only ${partCount} sub-window${partCount === 1 ? "" : "s"} of the wanted ${WANTED_PARTS}`);
  if (keptShare < 1) reasons.push(`the run changed: only ${percent(keptShare)} of it is judged`);
  const steady = keptShare < 1 ? HIGH - 0.01 : 1;
  const score = Math.min(most, steady, winShare * picture.coverage * support);
  return { score, level: levelOf(score), reasons };
}

function leadOf(named: readonly Candidate[], others: readonly Candidate[], reasons: string[]): number {
  const [next] = others;
  if (next === undefined) return 1;
  const lead = Math.min(...named.map((candidate) => candidate.utilisation)) - next.utilisation;
  if (lead >= CLEAR_LEAD) return 1;
  reasons.push(`${label(next.entity)} follows at ${percent(next.utilisation)}`);
  return NO_LEAD + ((1 - NO_LEAD) * Math.max(0, lead)) / CLEAR_LEAD;
}

function supportOf(first: Candidate, picture: Picture, reasons: string[]): number {
  if (FILLS_A_LOOP.has(first.entity.kind)) {
    const loop = loopOf(first, picture);
    if (loop !== undefined && !loop.isMeasured) reasons.push("the platform does not tell how long the loop was in use");
    return Math.min(1, first.utilisation / FULL_LOOP);
  }
  // Cores, resources and a cap on units have no neighbours that could point at them.
  if (first.entity.kind === "cpu" || first.entity.kind === "resource" || first.entity.kind === "in-flight-cap")
    return 1;
  const agreement = agreementOf(first, picture);
  if (agreement === null) {
    if (picture.component.edges.length === 0) return 1;
    reasons.push("no neighbour was idle, so that none points at it");
    return NO_ARROWS;
  }
  reasons.push(`neighbours point at it in ${percent(agreement)} of their idle time`);
  return 1 - ARROWS_WEIGHT * (1 - agreement);
}

function levelOf(score: number): ConfidenceLevel {
  if (score >= HIGH) return "high";
  return score >= MEDIUM ? "medium" : "low";
}
