import { BARE, type Claim, LIMIT, type Target } from "./experiment.ts";
import { type Spread, spreadOf } from "./spread.ts";

/** What all programs of an experiment found in one round, by name. */
export type Round = Readonly<Record<string, number>>;

/** One row of a result file. Values are medians over rounds; `spread` has their quartiles. */
export interface CaseResult {
  readonly group: string;
  readonly name: string;
  readonly unit: string;
  /** Null where it could not be measured. */
  readonly ours: number | null;
  readonly bare: number | null;
  readonly peers: Readonly<Record<string, number>>;
  /**
   * Within rounds, then their median: how many times ours the other is where the target is `atLeast`, otherwise how many
   * times the other ours is.
   */
  readonly ratios: Readonly<Record<string, number>>;
  readonly target: Target | null;
  readonly gate: boolean;
  /** Null where nothing is claimed. */
  readonly met: boolean | null;
  /** Whether ours and the peers' are what comes on top of bare. */
  readonly isAdded: boolean;
  readonly rounds: number;
  /** The middle half of the rounds, by `ours`, `bare`, names of peers, and `ratio to NAME`. */
  readonly spread: Readonly<Record<string, readonly [low: number, high: number]>>;
  /** Why the figures are not to be trusted: something was not recorded, or not measured. */
  readonly problem: string | null;
}

/** What became of a claim, by the rounds that were measured. It is not met where there was a problem. */
export function caseResult(group: string, claim: Claim, rounds: readonly Round[], problem: string | null): CaseResult {
  const { name, unit, target = null, isGate = false, isAdded = false } = claim;
  const base = { group, name, unit, target, gate: isGate, isAdded, rounds: rounds.length };
  const spreads = problem === null ? spreadsOf(claim, rounds) : problem;
  if (typeof spreads === "string") {
    const met = target === null && !isGate ? null : false;
    return { ...base, ours: null, bare: null, peers: {}, ratios: {}, met, spread: {}, problem: spreads };
  }
  const { ours, bare, peers, ratios } = spreads;
  return {
    ...base,
    ours: ours.typical,
    bare: bare?.typical ?? null,
    peers: typical(peers),
    ratios: typical(ratios),
    met: target === null ? null : isMet(target, ours, ratios),
    spread: {
      ours: middleHalf(ours),
      ...(bare === null ? {} : { [BARE]: middleHalf(bare) }),
      ...mapped(peers, middleHalf),
      ...Object.fromEntries(Object.entries(ratios).map(([other, ratio]) => [`ratio to ${other}`, middleHalf(ratio)])),
    },
    problem: null,
  };
}

/** Whether every gate is met, and nothing failed to be measured or recorded. */
export function isPassed(cases: readonly CaseResult[]): boolean {
  return cases.every(({ gate, met, problem }) => problem === null && (!gate || met === true));
}

type Spreads = {
  readonly ours: Spread;
  readonly bare: Spread | null;
  readonly peers: Readonly<Record<string, Spread>>;
  readonly ratios: Readonly<Record<string, Spread>>;
};

/** @returns why there are none, where a value or a ratio is no number */
function spreadsOf(claim: Claim, rounds: readonly Round[]): Spreads | string {
  const { bare: bareName, peers: peerNames = [], isAdded = false } = claim;
  const valuesOf = (name: string) => rounds.map((round) => round[name] ?? Number.NaN);
  const onTop = (values: readonly number[]) =>
    isAdded ? values.map((value, at) => value - (rounds[at]?.[bareName ?? ""] ?? Number.NaN)) : values;
  const ours = onTop(valuesOf(claim.ours));
  const bare = bareName === undefined ? null : valuesOf(bareName);
  const peers = Object.fromEntries(peerNames.map((name) => [name, onTop(valuesOf(name))]));
  const others = bare === null || isAdded ? peers : { [BARE]: bare, ...peers };
  const ratio = (own: number, other: number) => (claim.target?.atLeast === undefined ? own / other : other / own);
  try {
    return {
      ours: spreadOf(ours),
      bare: bare === null ? null : spreadOf(bare),
      peers: mapped(peers, spreadOf),
      ratios: mapped(others, (other) => spreadOf(ours.map((own, at) => ratio(own, other[at] as number)))),
    };
  } catch (error) {
    return `${claim.name}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function isMet(target: Target, ours: Spread, ratios: Readonly<Record<string, Spread>>): boolean {
  const value = target.against === LIMIT ? ours.typical : ratios[target.against]?.typical;
  if (value === undefined) throw new RangeError(`a target is against "${target.against}", which was not measured`);
  return target.atLeast === undefined ? value <= target.atMost : value >= target.atLeast;
}

function typical(spreads: Readonly<Record<string, Spread>>): Readonly<Record<string, number>> {
  return mapped(spreads, (spread) => spread.typical);
}

function middleHalf({ low, high }: Spread): readonly [number, number] {
  return [low, high];
}

function mapped<From, To>(
  values: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}
