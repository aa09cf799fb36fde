import { blindSpots, failedCalls, ruledOutOf, stageShares, throughputOf } from "./account.ts";
import type { Candidate } from "./candidate.ts";
import { confidenceOf, isNamed, type Replicate, replicatesOf } from "./confidence.ts";
import { type Picture, pictureOf, type Surroundings, unitsOf } from "./demand.ts";
import { focusedOn } from "./focus.ts";
import { type Component, componentsOf, isAskedByOthers } from "./graph.ts";
import { mostInFlight } from "./in-flight.ts";
import { keyOf, type Limit, limitOf, ruleOf } from "./limit.ts";
import { changePoint, LEAST_UNITS, type Period, periodOf, sumUnits } from "./period.ts";
import type { Recording } from "./recording.ts";
import { balancedFindings } from "./rules/balanced.ts";
import { headroom } from "./rules/source.ts";
import { tooBlind, tooChanging, tooLittle, tooUncertain } from "./rules/unsure.ts";
import { peakWorkers, sumOf, type WindowSignals, windowsOf } from "./signal.ts";
import { type Action, type Finding, VERDICT_FORMAT, type Verdict } from "./verdict.ts";
import { actionsFor, NO_GAIN } from "./what-if.ts";
import { duration, label } from "./words.ts";

export interface JudgeOptions {
  /** Seed of the resampling: the same recording and seed give the same verdict. Default 1. */
  readonly seed?: number;
}

/**
 * What limits each pipeline of a recording: one verdict for each connected part of the graph that handed anything over,
 * the busiest first, but a server after the pipelines that ask it. At least one verdict: `unsure`, if nothing was recorded.
 */
export function judge(recording: Recording, options: JudgeOptions = {}): Verdict[] {
  const windows = windowsOf(recording);
  const all = windows.length > 0 ? sumOf(windows) : null;
  const busyness = (component: Component): number => (all === null ? 0 : busynessOf(component, all));
  const components = componentsOf(recording.header)
    .map((component) => ({
      component,
      busyness: busyness(component),
      isAsked: all !== null && isAskedByOthers(component, recording.header, all),
    }))
    .sort((a, b) => Number(a.isAsked) - Number(b.isAsked) || b.busyness - a.busyness);
  const active = components.filter(
    ({ component }) => all !== null && hasUnits(component, all) && !isOverflow(component),
  );
  const peaks = peakWorkers(recording);
  if (active.length > 0) {
    const judged = active.map(({ component, isAsked }) => {
      const surroundings = { recording, component, peaks, mostInFlight: mostInFlight(recording, component) };
      const verdict = judgeComponent(surroundings, focusedOn(component, windows), options.seed ?? 1);
      return { verdict, isAsked };
    });
    // That a server has no limit of its own is no news: who asks it is judged already. Two may ask each other.
    const told = judged.filter(({ verdict, isAsked }) => !isAsked || LIMITED.has(verdict.kind));
    return (told.length > 0 ? told : judged).map(({ verdict }) => verdict);
  }
  const [only] = components;
  const missing =
    windows.length === 0
      ? "fewer than two snapshots: record for at least a few seconds"
      : only === undefined
        ? "no stage was recorded: nothing in the application was recognised as a pipeline"
        : only.component.stages.some(({ isOverflow }) => isOverflow === true)
          ? "only stages for which there was no room of their own handed anything over: close those that are done"
          : "no stage handed anything over: let the application process something while it is recorded";
  return [{ ...unsure(recording, missing), pipeline: only?.component.stages[0]?.pipeline ?? null }];
}

/** Of stages that have nothing to do with each other none is the limit. */
function isOverflow({ stages }: Component): boolean {
  return stages.every((stage) => stage.isOverflow === true);
}

/** Verdicts that name something. */
const LIMITED: ReadonlySet<Verdict["kind"]> = new Set(["bottleneck", "balanced"]);

function judgeComponent(surroundings: Surroundings, windows: readonly WindowSignals[], seed: number): Verdict {
  const { recording, component } = surroundings;
  const pipeline = component.roots[0]?.pipeline ?? null;
  const period = periodOf(windows, component);
  const short = tooLittle(period, windows.length);
  if (short !== null && period.parts.length === 0) return { ...unsure(recording, short), pipeline };

  const steady = steadyPart(surroundings, period);
  const picture = pictureOf(surroundings, sumOf(steady.parts));
  const limit = limitOf(picture);
  const base = {
    ...unsure(recording, ""),
    pipeline,
    throughput: throughputOf(picture, limitedShare(surroundings, steady.parts, limit)),
    stages: stageShares(picture),
    evidence: failedCalls(picture),
    blind: blindSpots(recording, picture, steady.note),
  };
  const blocker = short ?? steady.missing ?? tooBlind(picture) ?? (limit.kind === "unsure" ? limit.missing : null);
  const ruledOut = ruledOutOf(namedBy(limit), limit.others, picture);
  if (blocker !== null || limit.kind === "unsure") return { ...base, ruledOut, missing: [blocker ?? ""] };

  const named = namedBy(limit);
  const replicates = replicatesOf(surroundings, steady.parts, seed);
  const confidence = confidenceOf(named, limit.others, picture, replicates, steady.parts.length, steady.share);
  const doubt = tooUncertain(confidence.score);
  if (doubt !== null) {
    const likely = named.map((one) => label(one.entity)).join(" and ");
    return { ...base, ruledOut, confidence, missing: [`${doubt}; most likely ${likely}`] };
  }
  const { first } = limit;
  return {
    ...base,
    kind: limit.kind,
    entity: first.entity,
    stage: first.stage,
    tied: limit.kind === "balanced" ? named.map(({ entity, stage }) => ({ entity, stage })) : [],
    confidence,
    evidence: [...evidenceOf(limit, named, picture), ...base.evidence],
    ruledOut,
    actions: adviceFor(named, picture, replicates),
    missing: [],
  };
}

/**
 * Where two are level, a change of either is advice, and what buys most comes first. That the other one's change buys
 * nothing is not said: two that are level keep each other waiting, so that relief of either is felt a little.
 */
function adviceFor(named: readonly Candidate[], picture: Picture, replicates: readonly Replicate[]): Action[] {
  const [ofFirst = [], ...ofOthers] = named.map((one) => actionsFor(one, picture, replicates));
  if (ofOthers.length === 0) return ofFirst;
  const gaining = [...ofFirst, ...ofOthers.flat()].filter(
    ({ predictedThroughput }) => predictedThroughput > (1 + NO_GAIN) * picture.perSecond,
  );
  return gaining.length === 0
    ? ofFirst
    : gaining.sort((one, other) => other.predictedThroughput - one.predictedThroughput);
}

function evidenceOf(limit: Limit, named: readonly Candidate[], picture: Picture): Finding[] {
  if (limit.kind === "balanced") return balancedFindings(named, picture);
  const [first] = named as [Candidate];
  const findings = ruleOf(first).why(first, picture);
  return limit.kind === "source-limited" ? [...findings, ...headroom(limit.others)] : findings;
}

function namedBy(limit: Limit): Candidate[] {
  if (limit.kind === "unsure") return [];
  return limit.kind === "balanced" ? [limit.first, limit.second] : [limit.first];
}

/** A run is cut at most this often: more changes than that are a workload, not a phase. */
const MOST_CUTS = 2;

interface Steady {
  readonly parts: readonly WindowSignals[];
  /** Share of the period's time that is left. */
  readonly share: number;
  readonly note: string | null;
  /** Why no part of it can be judged; null if one can. */
  readonly missing: string | null;
}

/** The whole period if its pace is steady or its limit is the same before and after a change; else the longer side. */
function steadyPart(surroundings: Surroundings, period: Period): Steady {
  const { component } = surroundings;
  const whole = secondsOf(period.parts);
  let parts = period.parts;
  let note: string | null = null;
  for (let cuts = 0; cuts < MOST_CUTS; cuts += 1) {
    const cut = changePoint(parts, component);
    if (cut === null) break;
    const sides = [parts.slice(0, cut), parts.slice(cut)] as const;
    const [before, after] = sides.map((side) => namedBy(limitOf(pictureOf(surroundings, sumOf(side)))));
    if (haveCommon(before ?? [], after ?? [])) break;
    const enough = sides.filter((side) => sumUnits(side, component) >= LEAST_UNITS);
    const longer = enough.sort((a, b) => secondsOf(b) - secondsOf(a))[0];
    if (longer === undefined) return { parts, share: 1, note, missing: tooChanging() };
    parts = longer;
    const when = longer === sides[1] ? "earlier" : "later";
    note = `the run changed: ${duration(whole - secondsOf(parts))} ${when} than what is judged had another limit`;
  }
  return { parts, share: whole > 0 ? secondsOf(parts) / whole : 1, note, missing: null };
}

function secondsOf(parts: readonly WindowSignals[]): number {
  return parts.reduce((sum, part) => sum + part.seconds, 0);
}

/** True if one candidate limits before and after; two times nothing is no change either. */
function haveCommon(before: readonly Candidate[], after: readonly Candidate[]): boolean {
  if (before.length === 0 && after.length === 0) return true;
  return before.some((one) => after.some((other) => keyOf(one) === keyOf(other)));
}

function limitedShare(surroundings: Surroundings, parts: readonly WindowSignals[], limit: Limit): number {
  const named = namedBy(limit);
  const limited = parts.filter((part) => isNamed(limitOf(pictureOf(surroundings, part)), named));
  return secondsOf(limited) / secondsOf(parts);
}

function hasUnits(component: Component, all: WindowSignals): boolean {
  return component.stages.some((stage) => unitsOf(all, stage.id) > 0);
}

/** Units times worker-seconds at work: a log stream with many lines, or an idle one with long waits, comes last. */
function busynessOf(component: Component, all: WindowSignals): number {
  const own = new Set(component.stages.map((stage) => stage.id));
  const parts = all.stages.filter((part) => own.has(part.stage));
  const units = parts.reduce((sum, part) => sum + part.units, 0);
  return units * parts.reduce((sum, part) => sum + (part.stateSeconds[1] ?? 0) + (part.stateSeconds[3] ?? 0), 0);
}

function unsure(recording: Recording, missing: string): Verdict {
  return {
    format: VERDICT_FORMAT,
    pipeline: null,
    kind: "unsure",
    entity: null,
    stage: null,
    tied: [],
    confidence: { score: 0, level: "low", reasons: [] },
    throughput: null,
    evidence: [],
    ruledOut: [],
    actions: [],
    blind: blindSpots(recording, null, null),
    missing: [missing],
    stages: [],
  };
}
