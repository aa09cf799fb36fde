import { join } from "node:path";
import { currentSession } from "./session.ts";
import { SharedScript } from "./shared-script.ts";
import { receivedShare } from "./thread-share.ts";

const FILE = join(import.meta.dirname, "worker-thread.cjs");

/**
 * Begins to record in a worker thread; does nothing where its parent does not record, and done twice it is done once.
 * All that a thread compiles for itself is this file: the rest is taken over from the thread that was first.
 *
 * @param load - of a file beside this one
 */
export function startWorkerThread(load: NodeJS.Require): void {
  const received = currentSession() === null ? receivedShare() : null;
  if (received === null) return;
  const script = new SharedScript<typeof import("./worker-thread.ts")>(FILE, load, received.threadCode);
  script.exports.recordWorkerThread(received, script, load);
}
