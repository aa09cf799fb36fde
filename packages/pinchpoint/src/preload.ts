import { createRequire } from "node:module";
import { isMainThread } from "node:worker_threads";
import { applicationOf } from "./application-name.ts";
import { ENVIRONMENT, settingsOf, startFolder } from "./config.ts";
import { leaveNote } from "./note.ts";
import { currentSession } from "./session.ts";

/** Loads at once, and only what the thread needs: npm and its like are to pay for nothing. */
const load = createRequire(import.meta.url);

/** What register.cjs does in a Node that is new enough. Doing it twice in a thread is doing it once. */
export function preload(): void {
  if (currentSession() !== null) return;
  if (!isMainThread) {
    (load("./worker-thread.js") as typeof import("./worker-thread.ts")).recordWorkerThread();
    return;
  }
  const handOverFolder = process.env[ENVIRONMENT.handOver];
  if (handOverFolder) leaveNote(handOverFolder, "node");
  const application = applicationOf(process.argv[1]);
  if (application.isLauncher) return;
  const settings = settingsOf(process.env, startFolder());
  if (settings.disabledBy !== null) return;
  (load("./main-thread.js") as typeof import("./main-thread.ts")).recordMainThread(application.name, settings);
}
