import type { Reading } from "@pinchpoint/otel";
import type { Recorder } from "@pinchpoint/probe";

/** What records in this thread, whoever began it: the preload, or the application by `start`. */
export interface Session {
  /** Null where it cannot be made, as where somebody else's code keeps files of ours from being loaded. */
  readonly recorder: Recorder | null;
  /** The pipeline that stages belong to which are found by themselves. */
  readonly pipeline: string;
  /** Something will be recorded: hand over and serve from now on. Cheap to repeat; never throws. */
  readonly wake: () => void;
  /** What somebody reads who collects metrics; null in a worker thread, whose main thread tells all. */
  readonly newReader: (() => () => Reading) | null;
}

/** With `pinchpoint.work/v1`, all that Pinchpoint adds to globalThis: several copies of it in one process find each other by it. */
const KEY = Symbol.for("pinchpoint.recorder/v1");

/** @returns null where nothing records */
export function currentSession(): Session | null {
  return (globalThis as { [KEY]?: Session })[KEY] ?? null;
}

/** Makes it the thread's session. It is not listed, so that code which walks over globals sees what it saw before. */
export function setSession(session: Session): void {
  Object.defineProperty(globalThis, KEY, { value: session, configurable: true });
}
