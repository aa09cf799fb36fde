import type { AsideName, StageName } from "../src/settings.ts";
import type { Alone } from "./alone.ts";

/** Below this gain of the best candidate nothing limits. */
const leastGain = 0.03;
/** A candidate whose gain is within this share of the best one's limits as well. */
const sameAsBest = 0.2;
/** Above this share of all cores in use, threads wait for them. */
const fullCores = 0.9;
/** Above this share of the main thread's time, collecting garbage is worth a cure. */
const muchGarbage = 0.15;
/** Above this the event loop is full; a stage that keeps it so busy when alone works synchronously. */
const fullLoop = 0.85;

/** What is doubled besides stages: what the application does apart from them, and the limit of the heap. */
export type Aside = AsideName | "heap";

export interface Evidence {
  /** Gain in throughput when the stage's demand is halved: 0.5 is half as much again. */
  readonly gains: Readonly<Record<StageName, number>>;
  /** The same when the board is made half as often, half of the flights are kept, or the heap may be twice as large. */
  readonly asideGains: Readonly<Partial<Record<Aside, number>>>;
  /** How busy the event loop is in the bare run, 0 to 1. */
  readonly loopUse: number;
  /** Share of the bare run in which the main thread collected garbage, 0 to 1. */
  readonly gcUse: number;
  /** Share of all cores that the application used in the bare run, 0 to 1. */
  readonly cpuUse: number;
  /** Gain when the scoring pool gets twice the threads; null where nothing is scored in a pool. */
  readonly threadsGain: number | null;
  /** Gain when the scorer can serve twice the batches at once; null where there is no scorer. */
  readonly slotsGain: number | null;
  /** The best candidate by itself; null where that runs in another thread or process. */
  readonly alone: Alone | null;
}

export interface Expected {
  readonly kind: "bottleneck" | "source-limited" | "none" | "balanced";
  readonly entity: {
    readonly kind: "event-loop" | "source" | "sink" | "workers" | "resource" | "cpu" | "gc" | "memory";
    /** May end in `*`: the scorer has another port each time. */
    readonly name: string;
  } | null;
  readonly stage: StageName | null;
}

/** The candidates that limit: those within 20 % of the best gain; none if even the best gains under 3 %. */
export function limiting<Name extends string>(gains: Readonly<Partial<Record<Name, number>>>): Name[] {
  const entries = Object.entries(gains) as [Name, number][];
  const best = Math.max(...entries.map(([, gain]) => gain));
  if (best < leastGain) return [];
  return entries.filter(([, gain]) => gain >= best * (1 - sameAsBest)).map(([name]) => name);
}

/** What a right verdict says, from what doubling each candidate did. */
export function expectation(evidence: Evidence): Expected {
  const { gains, asideGains, loopUse, alone } = evidence;
  const [stage, ...others] = limiting<StageName | Aside>({ ...gains, ...asideGains });
  if (stage === undefined) return { kind: "none", entity: null, stage: null };
  if (others.length > 0) return { kind: "balanced", entity: null, stage: null };
  if (stage === "board" || stage === "recent" || stage === "heap") {
    return { kind: "bottleneck", entity: { kind: entityOfAside(stage, evidence), name: "main" }, stage: null };
  }
  if (stage === "read") return { kind: "source-limited", entity: { kind: "source", name: stage }, stage };
  if (stage === "score") return { kind: "bottleneck", entity: entityOfScoring(evidence), stage };
  const isSynchronous = alone !== null && alone.loopUse >= fullLoop;
  if (isSynchronous && loopUse >= fullLoop) {
    return { kind: "bottleneck", entity: { kind: "event-loop", name: "main" }, stage };
  }
  const kind = stage === "store" ? "sink" : "workers";
  return { kind: "bottleneck", entity: { kind, name: stage }, stage };
}

/** The kept flights take the loop's time, or that of collecting them, whichever there is more of. */
function entityOfAside(aside: Aside, { gcUse }: Evidence): "event-loop" | "gc" | "memory" {
  if (aside === "heap") return "memory";
  return aside === "recent" && gcUse > muchGarbage ? "gc" : "event-loop";
}

/** What doubles the rate of a stage that only hands on its work: the service, the cores, or the pool's threads. */
function entityOfScoring({ gains, cpuUse, threadsGain, slotsGain }: Evidence): NonNullable<Expected["entity"]> {
  if (slotsGain !== null && slotsGain >= gains.score * (1 - sameAsBest))
    return { kind: "resource", name: "127.0.0.1:*" };
  if (threadsGain !== null && threadsGain < gains.score * sameAsBest && cpuUse >= fullCores)
    return { kind: "cpu", name: "cpu" };
  return { kind: "workers", name: "score" };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? Number.NaN)) / 2 : upper;
}
