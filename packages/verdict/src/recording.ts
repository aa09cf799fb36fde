/**
 * `pinchpoint.recording/v1`: JSON lines. The first line is a header; every other line is a cumulative snapshot, or a
 * header that replaces the one before (the graph grew, or stages that were closed long ago are forgotten: ids never change
 * their meaning). A truncated file loses its last
 * line only. All times are in seconds. All snapshot values count from the start of the recorded process and never fall.
 */
export const RECORDING_FORMAT = "pinchpoint.recording/v1";

/** States of one worker of a stage. They exclude each other, so they sum to the time that the worker was there. */
export const STATES = ["starved", "self", "wait", "use", "blocked", "unknown"] as const;
export type State = (typeof STATES)[number];

export type StageRole = "source" | "stage" | "sink";
export type ThreadRole = "main" | "worker";
export type ResourceKind = "service" | "lock" | "limiter" | "pool" | "gpu";

export interface RecordedProcess {
  readonly id: number;
  readonly pid: number;
}

/** A thread, or several that had its place one after the other: what is told of it is of all of them. */
export interface RecordedThread {
  readonly id: number;
  /** Id of the process that it belongs to. */
  readonly process: number;
  readonly role: ThreadRole;
  /** What people call it: `main`, or the name that the newest worker was given. */
  readonly name: string;
}

export interface RecordedStage {
  readonly id: number;
  readonly pipeline: string;
  /** Unique within its pipeline. */
  readonly name: string;
  readonly role: StageRole;
  /**
   * Concurrency as declared, over all threads and processes together; null where nobody declared it (then it is the
   * mean number of workers seen). Declared workers may be idle: their state seconds may be less than workers x window.
   */
  readonly workers: number | null;
  /** Where it listens, for a source of requests: whoever calls that port in the same recording is its client. */
  readonly port?: number;
  /** All stages of a thread for which there was no room, as if they were one; no edges are told of them. */
  readonly isOverflow?: true;
}

/** Items flow from the stage with id `from` to the stage with id `to`. */
export interface RecordedEdge {
  readonly from: number;
  readonly to: number;
}

export interface RecordedResource {
  readonly id: number;
  readonly name: string;
  readonly kind: ResourceKind;
  /** Servers: how many may hold it at once; null where unknown. */
  readonly capacity: number | null;
}

export interface RecordedMachine {
  /** Cores really available: the smaller of the scheduler's affinity and the cgroup's quota; may be fractional. */
  readonly cores: number;
  readonly node: string;
  readonly platform: string;
}

export interface RecordingHeader {
  readonly format: typeof RECORDING_FORMAT;
  readonly kind: "header";
  readonly machine: RecordedMachine;
  readonly processes: readonly RecordedProcess[];
  readonly threads: readonly RecordedThread[];
  readonly stages: readonly RecordedStage[];
  readonly edges: readonly RecordedEdge[];
  readonly resources: readonly RecordedResource[];
}

/**
 * A distribution on the base-2 exponential grid of `@pinchpoint/sketch` (durations in seconds), as base64 of its
 * encoding. Null where none was recorded, and where the snapshot does not tell: they are told now and then, and by the
 * last snapshot of a process that ends by itself.
 */
export type EncodedHistogram = string | null;

/** What one stage did on one thread. */
export interface StageSnapshot {
  readonly stage: number;
  readonly thread: number;
  /** Hand-overs: chunks of a stream, calls of `run`. The guards count these. */
  readonly units: number;
  /** Of these, units that were counted only, since there were too many: times are concluded from the others. Absent: none. */
  readonly untimed?: number;
  /** Items that arrived, that were finished well, that failed, that were dropped, and that were passed on. */
  readonly arrived: number;
  readonly items: number;
  readonly errors: number;
  readonly dropped: number;
  readonly emitted: number;
  /** Worker-seconds in each state, in the order of STATES; length 6. */
  readonly stateSeconds: readonly number[];
  /** Workers that are in each state at this moment, in the order of STATES; length 6. */
  readonly stateWorkers: readonly number[];
  /** Seconds that this stage held its thread's event loop: synchronous segments and continuations charged to it. */
  readonly loopHeldSeconds: number;
  /** Sum of the squared lengths of those segments, in square seconds (for the residual wait of others, E[L²]/2). */
  readonly loopHeldSquared: number;
  /** Worker-seconds of `self` during which another stage (or nobody known) held the loop: at most this was waiting. */
  readonly loopOverlapSeconds: number;
  readonly duration: EncodedHistogram;
}

/** What one stage did with one resource on one thread. */
export interface ResourceSnapshot {
  readonly stage: number;
  readonly resource: number;
  readonly thread: number;
  readonly uses: number;
  /** Calls that failed; absent means that nobody counted them. */
  readonly errors?: number;
  readonly waitSeconds: number;
  readonly useSeconds: number;
  readonly wait: EncodedHistogram;
  readonly use: EncodedHistogram;
}

/** Something that held a thread's event loop without being a stage, such as a timer's callback. */
export interface OutsideSnapshot {
  /** What people call it: `setInterval refresh (metrics.js:12)`; unique on its thread. */
  readonly name: string;
  readonly seconds: number;
}

/** A thread's own counters; null where the platform does not tell. */
export interface ThreadSnapshot {
  readonly thread: number;
  readonly cpuSeconds: number | null;
  /** Runnable, but waiting for a core. */
  readonly runQueueSeconds: number | null;
  readonly loopActiveSeconds: number | null;
  readonly loopIdleSeconds: number | null;
  /**
   * Pauses for garbage collection, and those of them that go through the whole heap. Work on it between pauses is not
   * told by V8. Absent here and below: an older recorder.
   */
  readonly gcSeconds?: number | null;
  readonly markSweepSeconds?: number | null;
  /** Not counters: what V8 held for objects that survive, after the newest mark-sweep, and what it may hold. */
  readonly heapBytes?: number | null;
  readonly heapLimitBytes?: number | null;
  /** What held the loop outside of all stages, as far as it has a name. */
  readonly outside?: readonly OutsideSnapshot[];
}

/** All threads of a process together, those of native libraries included; null where the platform does not tell. */
export interface ProcessSnapshot {
  readonly process: number;
  readonly cpuSeconds: number | null;
  readonly runQueueSeconds: number | null;
}

/** Begins the reason of losses that are threads which record nothing; what follows is the file that they run. */
export const NOT_REACHED = "thread-not-reached: ";

export interface RecordingSnapshot {
  readonly kind: "snapshot";
  /** Seconds on one clock for all processes of the recording; only differences mean anything. */
  readonly atSeconds: number;
  readonly stages: readonly StageSnapshot[];
  readonly resources: readonly ResourceSnapshot[];
  readonly threads: readonly ThreadSnapshot[];
  readonly processes: readonly ProcessSnapshot[];
  /** What the recorder could not keep, by reason (for example `stage-limit`); counts. */
  readonly losses: Readonly<Record<string, number>>;
}

export type RecordingLine = RecordingHeader | RecordingSnapshot;

/** A whole recording: the last header, and the snapshots in the order of time. */
export interface Recording {
  readonly header: RecordingHeader;
  readonly snapshots: readonly RecordingSnapshot[];
  /** Lines that were cut off at the end of the file and are not in `snapshots`; absent means 0. */
  readonly droppedLines?: number;
}
