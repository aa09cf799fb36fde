import { join } from "node:path";

// Not imported, for what that loads: see application-name.ts.
const { readdirSync, writeFileSync } = process.getBuiltinModule("node:fs");

const PREFIX = "note-";

/** Leaves a fact for `pinchpoint run` in the shared folder. Whether it succeeds must not matter to the application. */
export function leaveNote(folder: string, fact: string): void {
  try {
    writeFileSync(join(folder, `${PREFIX}${fact}`), "", { mode: 0o600 });
  } catch {
    // The folder is gone: nobody waits for the note any more.
  }
}

/** Facts that processes left; register.cjs leaves some of its own (`too-old-v20.20.2`, `not-started`). */
export function notesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => name.slice(PREFIX.length));
}
