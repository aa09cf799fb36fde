import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";
import type { SlabShare } from "@pinchpoint/probe";

/** Of a new number where the memory has another form: copies of other versions may be in one process. */
const KEY = "pinchpoint.recorder/v5";

export interface ThreadShare {
  readonly share: SlabShare;
  /** What threads tell of their garbage collections and heaps. */
  readonly board: ArrayBufferLike;
  readonly pipeline: string;
  /** The setting `httpRoutes`. */
  readonly routesText: string | undefined;
  /** The setting `include`. */
  readonly includeText: string | undefined;
  /** Up to how many units a second of a stage each is timed. */
  readonly timedPerSecond: number;
  /** What the first thread has compiled of what finds something to record, for the others: of SharedScript. */
  readonly threadCode: SharedArrayBuffer;
  /** And of what records. */
  readonly recorderCode: SharedArrayBuffer;
  /** Of NestedThreads. */
  readonly nested: ArrayBufferLike;
  /** `threadId` of the worker threads that whoever receives it descends from, that of the main thread's first. */
  readonly lineage: readonly number[];
}

/** For every worker thread that is started from now on, those of workers included. */
export function shareWithWorkers(share: ThreadShare): void {
  // Node's types know no SharedArrayBuffer here; it is cloned by reference.
  setEnvironmentData(KEY, share as never);
}

/** @returns null where no parent records */
export function receivedShare(): ThreadShare | null {
  return (getEnvironmentData(KEY) as unknown as ThreadShare | undefined) ?? null;
}
