import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const resolve = createRequire(import.meta.url).resolve;

/** The file of the preload, as an application finds it. */
export const PRELOAD: string = resolve("pinchpoint/register");
export const BIN: string = join(dirname(PRELOAD), "bin.cjs");
export const NODE: string = process.execPath;

export function application(name: string): string {
  return fileURLToPath(new URL(`applications/${name}`, import.meta.url));
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** All of stdin, by default nothing; null leaves it open. */
  readonly input?: string | null;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with all of stdout so far when it has this text; rejects when the program ends without it. */
  readonly says: (text: string) => Promise<string>;
}

const living = new Set<ChildProcess>();

/** Ends what a test that failed left running: each program has a process group of its own. */
export function endPrograms(): void {
  for (const { pid } of living) {
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
  living.clear();
}

/** Starts a program without a terminal, so that no key of ours reaches it. */
export function startProgram(command: string, words: readonly string[], options: StartOptions = {}): Started {
  const child = spawn(command, words, {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    env: { ...cleanEnvironment(), ...options.environment },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  living.add(child);
  child.once("exit", () => living.delete(child));
  let stdout = "";
  let stderr = "";
  child.stdin.on("error", () => {});
  if (options.input !== null) child.stdin.end(options.input ?? "");
  child.stdout.on("data", (text) => {
    stdout += text;
  });
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolveEnded, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolveEnded({ code, signal, stdout, stderr }));
  });
  const says = (text: string) =>
    new Promise<string>((resolveSays, reject) => {
      const look = () => {
        if (stdout.includes(text)) resolveSays(stdout);
      };
      child.stdout.on("data", look);
      child.once("close", () => reject(new Error(`ended without saying "${text}": ${stdout}${stderr}`)));
      look();
    });
  return { child, ended, says };
}

/** `node APPLICATION WORDS…` as it is without Pinchpoint. */
export function bare(words: readonly string[], options?: StartOptions): Promise<Ended> {
  return startProgram(NODE, words, options).ended;
}

/** `pinchpoint run OPTIONS -- COMMAND`, which serves no metrics unless it is told to. */
export function startRun(own: readonly string[], command: readonly string[], options: StartOptions = {}): Started {
  const environment = { PINCHPOINT_PORT: "off", ...options.environment };
  return startProgram(NODE, [BIN, "run", ...own, "--", ...command], { ...options, environment });
}

export function run(own: readonly string[], command: readonly string[], options?: StartOptions): Promise<Ended> {
  return startRun(own, command, options).ended;
}

/** The lines of a recording. */
export function linesOf(file: string): Record<string, unknown>[] {
  return readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** What the test runner adds to the environment is not the application's. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(NODE_|PINCHPOINT_|VITEST|npm_|FORCE_COLOR|TEST)/.test(name)),
  );
}
