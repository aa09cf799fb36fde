import { leaveNote } from "./note.ts";

// Not imported, for what that loads: see application-name.ts.
const { writeSync } = process.getBuiltinModule("node:fs");

export const RECORDING_ENDED = "recording-ended";

/** @param error - what the recording in a process ended by */
export function recordingEnded(error: unknown): string {
  const reason = String((error as { readonly message?: unknown } | null)?.message ?? error).split("\n")[0];
  return `recording has ended (${reason}): the application has replaced or frozen what it needs, and runs on without it.`;
}

/**
 * Says one sentence on stderr, by the mouth of `pinchpoint run` where that is the parent: of several processes that have
 * the same to say, it is then heard once.
 *
 * @param note - what the sentence is known by; see run-words.ts
 */
export function complain(handOverFolder: string | null, note: string, sentence: string): void {
  if (handOverFolder !== null) {
    leaveNote(handOverFolder, note);
    return;
  }
  try {
    writeSync(2, `pinchpoint: ${sentence}\n`);
  } catch {
    // Nobody reads stderr.
  }
}
