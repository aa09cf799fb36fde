import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";
import type { SlabShare } from "@pinchpoint/probe";

const KEY = "pinchpoint.recorder/v1";

export interface ThreadShare {
  readonly share: SlabShare;
  /** What threads tell of their garbage collections and heaps. */
  readonly board: SharedArrayBuffer;
  readonly pipeline: string;
  /** The setting `httpRoutes`. */
  readonly routesText: string | undefined;
  /** The setting `include`. */
  readonly includeText: string | undefined;
  /** Up to how many units a second of a stage each is timed. */
  readonly timedPerSecond: number;
  /** Of NestedThreads. */
  readonly nested: SharedArrayBuffer;
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
