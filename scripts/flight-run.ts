// One run of the flight example in a folder of its own, with or without Pinchpoint around it.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Acknowledged, acknowledgedName } from "../examples/flight-features/src/progress.ts";
import { nodeOptions, type Settings } from "../examples/flight-features/src/settings.ts";
import { repositoryRoot } from "./run-command.ts";

/** How the example's stages come to be known: found by the preload, or declared by the application itself. */
export const entries = ["preload", "explicit"] as const;
export type Entry = (typeof entries)[number];

const applications: Readonly<Record<Entry, string>> = {
  preload: join(repositoryRoot, "examples/flight-features/src/main.ts"),
  explicit: join(repositoryRoot, "examples/flight-features/src/explicit-main.ts"),
};
const program = join(repositoryRoot, "packages/pinchpoint/lib/bin.cjs");

export interface FlightRun {
  readonly settings: Settings;
  readonly folder: string;
  /** What the application's store has acknowledged, or null where it came to nothing. */
  readonly acknowledged: () => Acknowledged | null;
  /** A file in the run's folder. */
  readonly path: (name: string) => string;
  readonly remove: () => void;
}

/**
 * A new folder for one run. Settings are a file in it alone: nothing in the application's arguments, names or
 * environment tells what they are.
 */
export function newFlightRun(settings: Settings): FlightRun {
  const folder = mkdtempSync(join(tmpdir(), "flights-"));
  writeFileSync(join(folder, "settings.json"), JSON.stringify(settings));
  const path = (name: string) => join(folder, name);
  return {
    settings,
    folder,
    path,
    acknowledged: () =>
      existsSync(path(acknowledgedName)) ? JSON.parse(readFileSync(path(acknowledgedName), "utf8")) : null,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The application's command line; it writes into the run's folder. */
export function applicationCommand(run: FlightRun, options: readonly string[], entry: Entry = "preload"): string[] {
  const command = [
    process.execPath,
    ...nodeOptions(run.settings),
    applications[entry],
    "--out",
    run.folder,
    ...options,
  ];
  // Its stages, its pool and its calls are to be its own declarations; threads are recorded all the same, and timers are
  // nobody's to declare.
  return entry === "explicit" ? ["env", "PINCHPOINT_INCLUDE=timers", ...command] : command;
}

/** The same command under `pinchpoint run`. */
export function pinchpointCommand(runOptions: readonly string[], command: readonly string[]): string[] {
  return [process.execPath, program, "run", ...runOptions, "--", ...command];
}

/**
 * Starts a command in the run's folder and waits for its end.
 *
 * @param isShown - whether its output goes to this terminal; otherwise it is only returned
 * @returns its exit code, 1 where a signal ended it, and what it wrote to standard error if it was not shown
 */
export function start(
  run: FlightRun,
  [command, ...parameters]: readonly string[],
  isShown: boolean,
): Promise<{ readonly exitCode: number; readonly errorOutput: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ exitCode: number; errorOutput: string }>();
  const output = isShown ? "inherit" : "pipe";
  const child = spawn(command as string, parameters, { cwd: run.folder, stdio: ["ignore", output, output] });
  let errorOutput = "";
  child.stdout?.resume();
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errorOutput += text;
  });
  child.on("error", reject);
  child.on("close", (exitCode) => resolve({ exitCode: exitCode ?? 1, errorOutput }));
  return promise;
}
