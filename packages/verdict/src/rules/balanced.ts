import type { Candidate } from "../candidate.ts";
import type { Picture } from "../demand.ts";
import { ruleOf } from "../limit.ts";
import type { Finding } from "../verdict.ts";
import { label, percent } from "../words.ts";

/** Two limits are level: curing one alone buys little. The strongest sentence of each. */
export function balancedFindings(level: readonly Candidate[], picture: Picture): Finding[] {
  const both = level.map((one) => `${label(one.entity)} ${percent(one.utilisation)}`).join(" and ");
  const least = Math.min(...level.map((one) => one.utilisation));
  const own = level.flatMap((one) => ruleOf(one).why(one, picture).slice(0, 2));
  return [{ text: `${both} are level`, value: least }, ...own];
}
