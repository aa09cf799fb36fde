import type { CaseResult } from "./case-result.ts";
import { BARE, LIMIT } from "./experiment.ts";

/** The cells of a case, as people read them: on the terminal and in the documentation. */
export interface Figures {
  readonly name: string;
  readonly ours: string;
  readonly others: readonly string[];
  readonly target: string;
  /** What became of the target; "—" where nothing is claimed. */
  readonly outcome: string;
}

export function figuresOf(result: CaseResult): Figures {
  const { name, unit, ours, bare, peers, isAdded, spread, problem } = result;
  const [low, high] = spread.ours ?? [Number.NaN, Number.NaN];
  const between = low === high ? "" : ` (${rounded(low)} to ${rounded(high)})`;
  const others = [
    ...(bare === null ? [] : [`bare ${quantity(bare, unit)}${ratioTo(result, BARE)}`]),
    ...Object.entries(peers).map(
      ([peer, value]) => `${peer} ${sign(value, isAdded)}${quantity(value, unit)}${ratioTo(result, peer)}`,
    ),
  ];
  return {
    name,
    ours:
      ours === null
        ? `not measured: ${problem?.split("\n")[0]}`
        : `${sign(ours, isAdded)}${quantity(ours, unit)}${between}`,
    others,
    target: targetInWords(result),
    outcome: outcomeOf(result),
  };
}

/** A number with as many digits as a figure that scatters deserves. */
export function rounded(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1000) return Math.round(value).toLocaleString("en-US");
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** What comes on top of bare may be less than nothing, where the machine scatters more than it is. */
function sign(value: number, isAdded: boolean): string {
  return isAdded && value >= 0 ? "+" : "";
}

function quantity(value: number, unit: string): string {
  return `${rounded(value)} ${unit}`;
}

/** By the direction of the target: how many times ours it is, or ours of it. */
function ratioTo({ ratios, target }: CaseResult, other: string): string {
  const ratio = ratios[other];
  if (ratio === undefined) return "";
  return target?.atLeast === undefined ? ` (ours ${rounded(ratio)}x)` : ` (${rounded(ratio)}x ours)`;
}

function targetInWords({ target, unit, gate }: CaseResult): string {
  if (target === null) return "—";
  const { against, atLeast, atMost, wanted } = target;
  const subject = against === LIMIT ? "" : ` ${against}`;
  const measure = against === LIMIT ? ` ${unit}` : "x";
  const bound = atLeast === undefined ? `≤ ${atMost}${measure}` : `≥ ${atLeast}${measure}`;
  const better = wanted === undefined ? "" : `, wanted ${wanted}x`;
  return `${bound}${subject}${better}${gate ? " (gate)" : ""}`;
}

function outcomeOf({ met, target, ratios, problem }: CaseResult): string {
  if (problem !== null) return "FAILED";
  if (met === null || target === null) return "—";
  if (!met) return "missed";
  const ratio = ratios[target.against];
  const isBelowWanted = target.wanted !== undefined && ratio !== undefined && ratio < target.wanted;
  return isBelowWanted ? "met, below what is wanted" : "met";
}
