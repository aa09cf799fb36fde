import type { Recording } from "@pinchpoint/verdict";

/** The recording as a file of `pinchpoint.recording/v1`: its header, then one snapshot a line. */
export function recordingText({ header, snapshots }: Recording): string {
  return [header, ...snapshots].map((line) => `${JSON.stringify(line)}\n`).join("");
}
