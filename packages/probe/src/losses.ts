/** Why something was not recorded. A closed union: each reason is shown wherever a result is. */
export const LOSS_REASONS = [
  "stage-limit",
  "edge-limit",
  "thread-limit",
  "text-limit",
  "clock",
  "torn-read",
  "not-patched",
  "abandoned",
  "hand-over",
  "span",
  "stage-closed",
  "message-context",
] as const;

export type LossReason = (typeof LOSS_REASONS)[number];

/** Position of a reason in a slab's loss counters. */
export function lossIndex(reason: LossReason): number {
  return LOSS_REASONS.indexOf(reason);
}
