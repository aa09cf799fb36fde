import type { StageName } from "../src/settings.ts";
import type { Alone } from "./alone.ts";

/** Below this gain of the best candidate nothing limits. */
const leastGain = 0.03;
/** A candidate whose gain is within this share of the best one's limits as well. */
const sameAsBest = 0.2;
/** Above this the event loop is full; a stage that keeps it so busy when alone works synchronously. */
const fullLoop = 0.85;

export interface Evidence {
  /** Gain in throughput when the stage's demand is halved: 0.5 is half as much again. */
  readonly gains: Readonly<Record<StageName, number>>;
  /** How busy the event loop is in the bare run, 0 to 1. */
  readonly loopUse: number;
  /** The best candidate by itself. */
  readonly alone: Alone;
}

export interface Expected {
  readonly kind: "bottleneck" | "source-limited" | "none" | "balanced";
  readonly entity: { readonly kind: "event-loop" | "source" | "sink" | "workers"; readonly name: string } | null;
  readonly stage: StageName | null;
}

/** The candidates that limit: those within 20 % of the best gain; none if even the best gains under 3 %. */
export function limiting(gains: Readonly<Record<StageName, number>>): StageName[] {
  const entries = Object.entries(gains) as [StageName, number][];
  const best = Math.max(...entries.map(([, gain]) => gain));
  if (best < leastGain) return [];
  return entries.filter(([, gain]) => gain >= best * (1 - sameAsBest)).map(([name]) => name);
}

/** What a right verdict says, from what doubling each candidate did. */
export function expectation({ gains, loopUse, alone }: Evidence): Expected {
  const [stage, ...others] = limiting(gains);
  if (stage === undefined) return { kind: "none", entity: null, stage: null };
  if (others.length > 0) return { kind: "balanced", entity: null, stage: null };
  if (stage === "read") return { kind: "source-limited", entity: { kind: "source", name: stage }, stage };
  const isSynchronous = alone.loopUse >= fullLoop;
  if (isSynchronous && loopUse >= fullLoop) {
    return { kind: "bottleneck", entity: { kind: "event-loop", name: "main" }, stage };
  }
  const kind = stage === "store" ? "sink" : "workers";
  return { kind: "bottleneck", entity: { kind, name: stage }, stage };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? Number.NaN)) / 2 : upper;
}
