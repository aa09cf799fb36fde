import { writeSync } from "node:fs";
import { leaveNote } from "./note.ts";

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
