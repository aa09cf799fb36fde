import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Measured, Program } from "./experiment.ts";
import { SPIN_VARIABLE } from "./spin.ts";

const ENTRY = join(import.meta.dirname, "program-entry.ts");
export const PRELOAD: string = join(import.meta.dirname, "../../packages/pinchpoint/lib/register.cjs");
const LIMIT_MS = 180_000;
/** Settings of whoever runs the benchmark would change what is measured. */
const FOREIGN = /^(?:NODE_|OTEL_|DD_|PINCHPOINT_|npm_)/;

/** Which program, of which experiment, in which file of `cases/` (without its ending). */
export interface Address {
  readonly file: string;
  readonly experiment: string;
  readonly program: Program;
}

/**
 * Runs one program in a process of its own.
 *
 * @param spinsPerMicrosecond - how fast this machine is, measured once for all programs
 * @throws Error where it fails, or tells nothing
 */
export async function measuredBy(address: Address, spinsPerMicrosecond: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "pinchpoint-bench-"));
  try {
    return await runIn(folder, address, spinsPerMicrosecond);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The environment of this process, without what would change the program's ways. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name)));
}

/** How a process is recorded by the preload alone, into a folder that nobody reads. */
export function preloadEnvironment(folder: string): NodeJS.ProcessEnv {
  return { PINCHPOINT_PORT: "off", PINCHPOINT_HANDOVER: folder };
}

/** The same, for an application that is started with Node's own words. */
export function recordedEnvironment(folder: string): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--require ${JSON.stringify(PRELOAD)}`, ...preloadEnvironment(folder) };
}

function runIn(folder: string, { file, experiment, program }: Address, spinsPerMicrosecond: number): Promise<Measured> {
  const { name, nodeWords = [], isPreloaded = false } = program;
  const preload = isPreloaded ? ["--require", PRELOAD] : [];
  const child = spawn(process.execPath, [...nodeWords, ...preload, ENTRY, file, experiment, name], {
    cwd: folder,
    env: {
      ...plainEnvironment(),
      [SPIN_VARIABLE]: String(spinsPerMicrosecond),
      ...(isPreloaded ? preloadEnvironment(folder) : {}),
    },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      said[stream] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode, signal) => {
      const lastLine = said.stdout.trimEnd().split("\n").at(-1) ?? "";
      if (exitCode === 0 && lastLine.startsWith("{")) resolve(JSON.parse(lastLine) as Measured);
      else reject(new Error(`${file}, ${experiment}, ${name} ended with ${signal ?? exitCode}\n${said.stderr}`));
    });
  });
}
