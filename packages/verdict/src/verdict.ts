export const VERDICT_FORMAT = "pinchpoint.verdict/v1";

export type VerdictKind = "bottleneck" | "balanced" | "source-limited" | "in-flight-limited" | "unsure";

export type EntityKind =
  | "workers"
  | "resource"
  | "event-loop"
  | "cpu"
  | "gc"
  | "memory"
  | "libuv-pool"
  | "source"
  | "sink"
  | "in-flight-cap"
  | "partition"
  | "key";

/** Something that can limit. */
export interface Entity {
  readonly kind: EntityKind;
  /** The stage for workers, source and sink; the thread for an event loop, its garbage and its heap; the resource; the pipeline for a cap; `cpu`. */
  readonly name: string;
}

export type ConfidenceLevel = "low" | "medium" | "high";

export interface Confidence {
  /** 0 to 1. */
  readonly score: number;
  readonly level: ConfidenceLevel;
  readonly reasons: readonly string[];
}

export interface Throughput {
  /** Hand-overs of the sources a second. */
  readonly perSecond: number;
  readonly unit: "hand-over";
  readonly itemsPerSecond: number;
  /** Length of the window that was judged, and the share of it in which this limit was the first. */
  readonly seconds: number;
  readonly limitedShare: number;
}

/** A sentence and the number that it rests on (a share of 1 unless the sentence says another unit). */
export interface Finding {
  readonly text: string;
  readonly value: number;
}

/** What was looked at and does not limit. */
export interface RuledOut {
  readonly entity: Entity;
  readonly utilisation: number;
  readonly text: string;
}

/** A change as data: what is multiplied, or how many there are to be. */
export type Step =
  | {
      readonly kind: "time";
      /** `outside`: what holds an event loop without being a stage. */
      readonly of: "stage" | "resource" | "outside";
      readonly name: string;
      readonly factor: number;
    }
  | { readonly kind: "allocation"; readonly thread: string; readonly factor: number }
  | { readonly kind: "heap"; readonly thread: string; readonly fromBytes: number; readonly toBytes: number }
  | { readonly kind: "workers"; readonly stage: string; readonly from: number; readonly to: number }
  | { readonly kind: "own-thread"; readonly stage: string }
  | { readonly kind: "cores"; readonly from: number; readonly to: number }
  | { readonly kind: "in-flight"; readonly pipeline: string; readonly from: number; readonly to: number };

export interface Action {
  readonly change: string;
  readonly step: Step;
  /** Hand-overs of the sources a second after the change, with a 90 % interval. */
  readonly predictedThroughput: number;
  readonly low: number;
  readonly high: number;
  /** True if it is the least that is to be expected: part of the gain cannot be measured beforehand. Absent: false. */
  readonly isLeast?: boolean;
  /** What limits then; null where nothing that was recorded does. */
  readonly nextLimiter: Entity | null;
}

/** Where the time of one stage's workers went; shares of the capacity, 0 to 1. */
export interface StageShare {
  readonly stage: string;
  readonly workers: number;
  readonly perSecond: number;
  readonly starved: number;
  readonly self: number;
  readonly wait: number;
  readonly use: number;
  readonly blocked: number;
  /** Part of `self` and `use` that was its own work: without waiting for the event loop or a core. */
  readonly useful: number;
}

/** What limits one pipeline, why, and what a change would buy. Plain data: it is the JSON that the program writes. */
export interface Verdict {
  readonly format: typeof VERDICT_FORMAT;
  /** Null if nothing was recorded. */
  readonly pipeline: string | null;
  readonly kind: VerdictKind;
  /** Null if unsure. For `balanced`, the first of `tied`. */
  readonly entity: Entity | null;
  /** The stage that it concerns; null where it concerns none or is not known. */
  readonly stage: string | null;
  /** For `balanced`: all that limit together, the most upstream cause first; else empty. */
  readonly tied: readonly { readonly entity: Entity; readonly stage: string | null }[];
  readonly confidence: Confidence;
  /** Null if no window was long enough to say. */
  readonly throughput: Throughput | null;
  readonly evidence: readonly Finding[];
  readonly ruledOut: readonly RuledOut[];
  readonly actions: readonly Action[];
  /** What could not be seen. */
  readonly blind: readonly string[];
  /** For `unsure`: what is missing and what to do; else empty. */
  readonly missing: readonly string[];
  readonly stages: readonly StageShare[];
}
