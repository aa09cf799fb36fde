import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";

export const repositoryRoot: string = join(import.meta.dirname, "..");

export type CommandResult = {
  readonly hasPassed: boolean;
  /** Standard output and standard error as they came; empty when the output went to the terminal. */
  readonly output: string;
  readonly tookMs: number;
};

export type CommandOptions = {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Default 180,000: a check that takes longer hangs. */
  readonly limitMs?: number;
  /** Default false: the output is kept back and returned. */
  readonly isShown?: boolean;
};

/** Runs one command without input and waits for its end. A command that cannot start or overruns has failed. */
export function runCommand(
  command: string,
  parameters: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { cwd = repositoryRoot, env = {}, limitMs = 180_000, isShown = false } = options;
  const startedMs = performance.now();
  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  const chunks: string[] = [];
  const child = spawn(command, parameters, {
    cwd,
    // The tools, and the Node that the lock file brings, also when this was not started through npm.
    env: {
      ...process.env,
      PATH: `${join(repositoryRoot, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}`,
      NO_COLOR: "1",
      ...env,
    },
    stdio: ["ignore", isShown ? "inherit" : "pipe", isShown ? "inherit" : "pipe"],
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
  const finish = (hasPassed: boolean) =>
    resolve({ hasPassed, output: chunks.join(""), tookMs: performance.now() - startedMs });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => chunks.push(text));
  }
  child.on("error", (error) => {
    chunks.push(`${command} could not be started: ${error.message}\n`);
    finish(false);
  });
  child.on("close", (exitCode, signal) => {
    if (signal !== null) {
      chunks.push(`${command} was ended by ${signal} after ${Math.round(performance.now() - startedMs)} ms\n`);
    }
    finish(exitCode === 0);
  });
  return promise;
}
