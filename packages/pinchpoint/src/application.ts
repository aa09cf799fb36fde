import { createRequire } from "node:module";
import { applicationOf } from "./application-name.ts";
import { settingsOf, startFolder } from "./config.ts";
import { ENVIRONMENT } from "./environment.ts";
import { leaveNote } from "./note.ts";

/** Loads at once, and only what the process needs: npm and its like are to pay for nothing. */
const load = createRequire(import.meta.url);

/** Begins to record in the main thread, unless the process only starts others, or is not to be recorded. */
export function recordApplication(): void {
  const handOverFolder = process.env[ENVIRONMENT.handOver];
  if (handOverFolder) leaveNote(handOverFolder, "node");
  const application = applicationOf(process.argv[1]);
  if (application.isLauncher) return;
  const settings = settingsOf(process.env, startFolder());
  if (settings.disabledBy !== null) return;
  (load("./main-thread.js") as typeof import("./main-thread.ts")).recordMainThread(application.name, settings);
}
