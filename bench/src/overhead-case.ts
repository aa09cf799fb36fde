import type { CaseResult } from "./case-result.ts";
import { LIMIT } from "./experiment.ts";
import { type Overhead, TARGET_POINTS } from "./overhead.ts";

/**
 * What the flight example loses, as a case. Its spread is the 95 % interval, all of which has to be within the target.
 */
export function overheadCase(overhead: Overhead, isMet: boolean): CaseResult {
  const { pairs, typicalPoints, lowPoints, highPoints, isEveryItemCounted } = overhead;
  return {
    group: "overhead",
    name: "throughput that the flight example loses, end to end (95 % interval)",
    unit: "%",
    ours: typicalPoints,
    bare: null,
    peers: {},
    ratios: {},
    target: { against: LIMIT, atMost: TARGET_POINTS },
    gate: true,
    met: isMet,
    isAdded: false,
    rounds: pairs,
    spread: { ours: [lowPoints, highPoints] },
    problem: isEveryItemCounted ? null : "not every batch that the example acknowledged was counted",
  };
}
