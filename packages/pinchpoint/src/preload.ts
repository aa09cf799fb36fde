import { createRequire } from "node:module";
import { applicationOf } from "./application-name.ts";
import { settingsOf, startFolder } from "./config.ts";
import { ENVIRONMENT } from "./environment.ts";
import { leaveNote } from "./note.ts";
import { currentSession } from "./session.ts";

/** Loads at once, and only what the process needs: npm and its like are to pay for nothing. */
const load = createRequire(import.meta.filename);

/** What register.cjs does in the main thread of a Node that is new enough. Doing it twice is doing it once. */
export function preload(): void {
  if (currentSession() !== null) return;
  const handOverFolder = process.env[ENVIRONMENT.handOver];
  if (handOverFolder) leaveNote(handOverFolder, "node");
  const application = applicationOf(process.argv[1]);
  if (application.isLauncher) return;
  const settings = settingsOf(process.env, startFolder());
  if (settings.disabledBy !== null) return;
  (load("./main-thread.cjs") as typeof import("./main-thread.ts")).recordMainThread(application.name, settings);
}
