import { tmpdir } from "node:os";
import { RECORDING_ENDED } from "../complaint.ts";
import { portTaken } from "../endpoint.ts";
import { ENVIRONMENT } from "../environment.ts";
import { NO_SDK } from "../telemetry-words.ts";

/** What a process complains of while it runs; null where the note is about something else. */
export function complaintOf(note: string): string | null {
  const port = /^port-taken-(\d+)$/.exec(note)?.[1];
  if (port !== undefined) return portTaken(Number(port), "--port N or --no-port");
  if (note === "bad-config") return "a process got a config file that makes no sense, and goes without.";
  if (note === "bad-routes") return `a process got a ${ENVIRONMENT.httpRoutes} that makes no sense, and goes without.`;
  if (note === "bad-traces") return `a process got a ${ENVIRONMENT.traces} that makes no sense, and goes without.`;
  if (note === "no-sdk") return NO_SDK;
  if (note === "otlp-failed") return "an export by OTLP failed; check OTEL_EXPORTER_OTLP_ENDPOINT.";
  if (note === "bad-include") return `a process got a ${ENVIRONMENT.include} that makes no sense, and goes without.`;
  if (note === RECORDING_ENDED) {
    return "recording has ended in a process that has replaced or frozen what it needs; the preload alone says what.";
  }
  return note === "no-endpoint" ? "a process serves no /metrics: the system does not let it listen there." : null;
}

export interface NothingRecorded {
  /** What processes left word of. */
  readonly notes: ReadonlySet<string>;
  /** Why nothing was to be recorded; null if it was. */
  readonly disabledBy: string | null;
  /** The command asks for Node's permission model. */
  readonly hasPermissions: boolean;
  /** A process had stages, but nothing of what they did has come. */
  readonly hasStages: boolean;
}

/** Why nothing was recorded, and what to do. */
export function reasonForNothing({ notes, disabledBy, hasPermissions, hasStages }: NothingRecorded): string {
  if (disabledBy !== null) return `${disabledBy}, so nothing was recorded.`;
  if (hasStages)
    return "it ended before its stages had handed over an item, or within a second of it: run it for longer.";
  const tooOld = [...notes].find((note) => note.startsWith("too-old-"))?.slice("too-old-".length);
  if (notes.has(RECORDING_ENDED)) return "recording ended before anything had been handed over.";
  if (notes.has("node")) {
    return (
      "no pipeline in it handed over an item. Streams that are joined by pipe or pipeline are found by themselves; " +
      'other code names its stages with pipeline() from "pinchpoint".'
    );
  }
  if (tooOld !== undefined) return `the command runs on Node ${tooOld}, and recording needs Node 22.15 or newer.`;
  if (hasPermissions) {
    return (
      "no process may hand over what it recorded: Node's permission model is on. Add --allow-fs-read=* and " +
      `--allow-fs-write=${tmpdir()}, and --allow-worker where there are worker threads.`
    );
  }
  if (notes.has("not-started")) return "recording could not be started in the command's process.";
  return "the command started no Node.js process. Give one that does, for example: pinchpoint run -- node app.js";
}
