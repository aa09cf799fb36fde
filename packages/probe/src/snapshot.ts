import type { DurationBuckets } from "./duration-buckets.ts";

export type StageRole = "source" | "stage" | "sink";
export type ThreadRole = "main" | "worker";
export type ResourceKind = "service" | "lock" | "limiter" | "pool" | "gpu";
export type Attributes = Readonly<Record<string, string>>;

/**
 * A slot for a thread, as the newest thread tells it that has claimed it; 0 is the main thread's. What its rows tell is
 * of all threads that have had it, one after the other.
 */
export interface ThreadDefinition {
  readonly id: number;
  /** `threadId` of worker_threads; 0 in the main thread. Another one means that another thread has the slot. */
  readonly workerId: number;
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

/** What one stage did on the threads of one slot; seconds, and counts that never fall as long as the stage is told. */
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

/** What one stage did with one resource on the threads of one slot. */
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
