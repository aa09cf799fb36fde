import { createRequire } from "node:module";
import { isMainThread } from "node:worker_threads";
import { currentSession } from "./session.ts";

/** Loads at once, and only what the thread needs: worker threads are to pay for nothing that is the main thread's. */
const load = createRequire(import.meta.url);

/** What register.cjs does in a Node that is new enough. Doing it twice in a thread is doing it once. */
export function preload(): void {
  if (currentSession() !== null) return;
  if (isMainThread) (load("./application.js") as typeof import("./application.ts")).recordApplication();
  else (load("./worker-thread.js") as typeof import("./worker-thread.ts")).recordWorkerThread();
}
