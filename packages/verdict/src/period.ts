import { unitsOf } from "./demand.ts";
import type { Component } from "./graph.ts";
import { sumOf, type WindowSignals } from "./signal.ts";

/** Source hand-overs that a judged window must hold: a share measured on fewer is off by several points. */
export const LEAST_UNITS = 150;
/** The same for each part of it, so that a part's own answer means something. */
export const LEAST_PART_UNITS = 30;
/** The bootstrap wants at least this many parts. */
export const WANTED_PARTS = 10;
/** More parts would only cost time. */
const MOST_PARTS = 60;
/** Windows that must remain when the first one, in which the process was still starting, is left out. */
const LEAST_AFTER_START = 4;
/** Halves whose rates differ by more than this share of the larger are not one steady state… */
const RATE_CHANGE = 0.25;
/** …if the difference is also beyond this many standard errors. */
const BEYOND_NOISE = 3;
/** The best of all cuts is chosen for its difference, and must show more. */
const BEYOND_CHOICE = 5;
/** If the source ends before this share of the period, the pace of what drains it tells whether the run was steady. */
const SOURCE_ENDS_EARLY = 0.9;

/** The part of a recording in which a component worked, in pieces that each hold enough units. */
export interface Period {
  /** In the order of time; at least one. */
  readonly parts: readonly WindowSignals[];
  readonly sourceUnits: number;
}

/** The recording without what came before the first source unit, or after the last unit of any stage. */
export function periodOf(windows: readonly WindowSignals[], component: Component): Period {
  const source = windows.map((window) => sourceUnitsIn(window, component));
  const first = source.findIndex((units) => units > 0);
  const any = windows.map((window) => component.stages.some((stage) => unitsOf(window, stage.id) > 0));
  const last = any.lastIndexOf(true);
  if (first < 0 || last < first) return { parts: [], sourceUnits: 0 };
  const worked = withoutEdges(windows.slice(first, last + 1), component);
  return { parts: merged(worked, component), sourceUnits: sumUnits(worked, component) };
}

/**
 * Where the pace changed for good, if it did: the best single cut, so that the parts before and after differ most.
 *
 * @returns index of the first part after the cut, or null if the halves, and the parts around it, agree
 */
export function changePoint(parts: readonly WindowSignals[], component: Component): number | null {
  // Two values on each side are the least from which noise can be told.
  if (parts.length < 4) return null;
  const pace = paceStages(parts, component);
  const rates = parts.map((part) => pace.reduce((sum, stage) => sum + unitsOf(part, stage), 0) / part.seconds);
  const middle = halfTime(parts);
  let best = middle;
  let least = Number.POSITIVE_INFINITY;
  for (let cut = 2; cut <= rates.length - 2; cut += 1) {
    const scatter = scatterOf(rates.slice(0, cut)) + scatterOf(rates.slice(cut));
    if (scatter < least) {
      least = scatter;
      best = cut;
    }
  }
  const isAt = (cut: number, errors: number): boolean => differ(rates.slice(0, cut), rates.slice(cut), errors);
  return isAt(middle, BEYOND_NOISE) || isAt(best, BEYOND_CHOICE) ? best : null;
}

export function sumUnits(windows: readonly WindowSignals[], component: Component): number {
  return windows.reduce((sum, window) => sum + sourceUnitsIn(window, component), 0);
}

function sourceUnitsIn(window: WindowSignals, component: Component): number {
  return component.roots.reduce((sum, root) => sum + unitsOf(window, root.id), 0);
}

/** The first and the last window are only partly in the steady state; they go if enough is left without them. */
function withoutEdges(windows: readonly WindowSignals[], component: Component): readonly WindowSignals[] {
  let kept = windows;
  const later = kept.slice(1);
  if (later.length >= LEAST_AFTER_START && sumUnits(later, component) >= LEAST_UNITS) kept = later;
  const earlier = kept.slice(0, -1);
  if (earlier.length >= WANTED_PARTS && sumUnits(earlier, component) >= LEAST_UNITS) kept = earlier;
  return kept;
}

function merged(windows: readonly WindowSignals[], component: Component): WindowSignals[] {
  const longest = Math.max(1, Math.ceil(windows.length / MOST_PARTS));
  const lastSource = windows.map((window) => sourceUnitsIn(window, component)).findLastIndex((units) => units > 0);
  const groups: WindowSignals[][] = [];
  let open: WindowSignals[] = [];
  for (const [index, window] of windows.entries()) {
    open.push(window);
    // Once the source has ended, what drains its backlog is counted instead.
    const units = index > lastSource ? mostUnits(open, component) : sumUnits(open, component);
    if (open.length < longest || units < LEAST_PART_UNITS) continue;
    groups.push(open);
    open = [];
  }
  const lastGroup = groups.at(-1);
  if (lastGroup === undefined) groups.push(open);
  else lastGroup.push(...open);
  return groups.filter((group) => group.length > 0).map(sumOf);
}

function mostUnits(windows: readonly WindowSignals[], component: Component): number {
  const sums = component.stages.map((stage) => windows.reduce((sum, window) => sum + unitsOf(window, stage.id), 0));
  return Math.max(0, ...sums);
}

/** The stages whose units tell the pace: the sources, or what is still at work when they have ended. */
function paceStages(parts: readonly WindowSignals[], component: Component): number[] {
  const sources = component.roots.map((root) => root.id);
  const seconds = parts.reduce((sum, part) => sum + part.seconds, 0);
  let before = 0;
  let lastSource = 0;
  for (const part of parts) {
    before += part.seconds;
    if (sourceUnitsIn(part, component) > 0) lastSource = before;
  }
  if (lastSource >= SOURCE_ENDS_EARLY * seconds) return sources;
  const final = parts.at(-1) as WindowSignals;
  const late = component.stages.filter((stage) => unitsOf(final, stage.id) > 0).map((stage) => stage.id);
  return late.length > 0 ? late : sources;
}

function halfTime(parts: readonly WindowSignals[]): number {
  const half = parts.reduce((sum, part) => sum + part.seconds, 0) / 2;
  let before = 0;
  const index = parts.findIndex((part) => {
    before += part.seconds;
    return before >= half;
  });
  return Math.min(Math.max(2, index + 1), parts.length - 2);
}

function differ(first: readonly number[], second: readonly number[], errors: number): boolean {
  const difference = Math.abs(mean(first) - mean(second));
  if (difference <= RATE_CHANGE * Math.max(mean(first), mean(second))) return false;
  // Welch's standard error: the halves need not scatter alike.
  const error = Math.sqrt(
    scatterOf(first) / ((first.length - 1) * first.length) + scatterOf(second) / ((second.length - 1) * second.length),
  );
  return difference > errors * error;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sum of squared differences from the mean. */
function scatterOf(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
}
