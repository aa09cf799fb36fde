// The flight example under `pinchpoint run`, for the verdict on it.
import { readFileSync } from "node:fs";
import type { Settings } from "../examples/flight-features/src/settings.ts";
import type { Advice } from "./advice.ts";
import {
  applicationCommand,
  type Entry,
  type FlightRun,
  newFlightRun,
  pinchpointCommand,
  start,
} from "./flight-run.ts";

/** What is read of a verdict here; `pinchpoint run --json` writes it. */
export interface Judged {
  readonly kind: string;
  readonly entity: { readonly kind: string; readonly name: string } | null;
  readonly stage: string | null;
  readonly tied: readonly {
    readonly entity: { readonly kind: string; readonly name: string };
    readonly stage: string | null;
  }[];
  readonly throughput: { readonly perSecond: number } | null;
  readonly actions: readonly Advice[];
}

export interface JudgedRunOptions {
  readonly settings: Settings;
  /** As `--for` takes it, such as `20s`; null lets the application end by itself. */
  readonly runFor: string | null;
  /** Default: `preload`. */
  readonly entry?: Entry;
  /** Words before the whole command, such as those that pin it to a core. */
  readonly before?: readonly string[];
}

/**
 * Runs it silently in a folder of its own, and gives what `read` makes of the verdict and the run's files.
 *
 * @throws Error with what the example said, if it did not end well
 */
export async function judgedRun<T>(
  { settings, runFor, entry = "preload", before = [] }: JudgedRunOptions,
  read: (verdict: Judged, run: FlightRun) => T | Promise<T>,
): Promise<T> {
  const run = newFlightRun(settings);
  try {
    const files = ["--json", run.path("verdict.json"), "--record", run.path("recording.jsonl")];
    const options = [...(runFor === null ? [] : ["--for", runFor]), "--port", "off", ...files];
    const command = [...before, ...pinchpointCommand(options, applicationCommand(run, ["--quiet"], entry))];
    const { exitCode, errorOutput } = await start(run, command, false);
    if (exitCode !== 0) throw new Error(`the example ended with ${exitCode}\n${errorOutput}`);
    return await read(JSON.parse(readFileSync(run.path("verdict.json"), "utf8")), run);
  } finally {
    run.remove();
  }
}
