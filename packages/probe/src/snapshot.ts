import type { DurationBuckets } from "./duration-buckets.ts";

export type StageRole = "source" | "stage" | "sink";
export type ThreadRole = "main" | "worker";
export type ResourceKind = "service" | "lock" | "limiter" | "pool" | "gpu";
export type Attributes = Readonly<Record<string, string>>;

/** A thread that claimed a slab. Ids count up from 0 (the main thread) and are never used again. */
export interface ThreadDefinition {
  readonly id: number;
  readonly role: ThreadRole;
  readonly name: string;
  /** The operating system's thread id; null where it does not tell. */
  readonly osThreadId: number | null;
  /** When the thread ended, on the recorder's clock; null while it lives. */
  readonly endedAtMs: number | null;
}

export interface StageDefinition {
  readonly id: number;
  readonly pipeline: string;
  readonly name: string;
  readonly role: StageRole;
  readonly workers: number | null;
  readonly attributes: Attributes;
}

export interface ResourceDefinition {
  readonly id: number;
  readonly pipeline: string;
  readonly name: string;
  readonly kind: ResourceKind;
  readonly capacity: number | null;
}

export interface Edge {
  readonly from: number;
  readonly to: number;
}

/** What one stage did on one thread since the thread began; seconds, and counts that never fall. */
export interface StageRow {
  readonly stage: number;
  readonly thread: number;
  readonly units: number;
  /** Of these, the units that were not timed, since the stage has too many: its times are concluded from the others. */
  readonly untimed: number;
  readonly arrived: number;
  readonly items: number;
  readonly errors: number;
  readonly dropped: number;
  readonly emitted: number;
  /** Worker-seconds by state, in the order of STATES; length 6. */
  readonly stateSeconds: readonly number[];
  /** Workers in each state now, in the order of STATES; length 6. */
  readonly stateWorkers: readonly number[];
  readonly loopHeldSeconds: number;
  readonly loopHeldSquared: number;
  readonly loopOverlapSeconds: number;
  readonly duration: DurationBuckets;
}

/** What one stage did with one resource on one thread. */
export interface ResourceRow {
  readonly stage: number;
  readonly resource: number;
  readonly thread: number;
  readonly uses: number;
  /** Calls that failed, those included that never came to be used. */
  readonly errors: number;
  readonly waitSeconds: number;
  readonly useSeconds: number;
  /** How many of the stage's workers hold it now. */
  readonly inUse: number;
  readonly wait: DurationBuckets;
  readonly use: DurationBuckets;
}

/** Everything that the slabs of one process hold, at one moment. */
export interface Snapshot {
  /** On the recorder's clock. */
  readonly atMs: number;
  readonly threads: readonly ThreadDefinition[];
  readonly stages: readonly StageDefinition[];
  readonly edges: readonly Edge[];
  readonly resources: readonly ResourceDefinition[];
  readonly stageRows: readonly StageRow[];
  readonly resourceRows: readonly ResourceRow[];
  /** What could not be kept, by reason; counts. */
  readonly losses: Readonly<Record<string, number>>;
}
