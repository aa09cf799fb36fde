import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Ends it after this many milliseconds; null lets it run. */
  readonly limitMs: number | null;
  /** Milliseconds from SIGTERM to SIGKILL when the limit is reached. */
  readonly graceMs: number;
  /** Processes that belong to it, as far as they are known; asked when the limit is reached. */
  readonly descendants: () => readonly number[];
}

export interface ChildEnding {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It had reached its limit, and it was us who ended it. */
  readonly isOurs: boolean;
}

const PASSED_ON: readonly NodeJS.Signals[] = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"];
/** Keys of a terminal: it sends these to the child itself. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT"];

/** How often processes that outlive the child are looked at, once it has reached its limit. */
const LOOK_MS = 50;

/**
 * Runs a command in our place: its streams and its terminal are ours, and signals reach it. Resolves when it has ended.
 *
 * @throws the error of `spawn` where it could not be started
 */
export async function runChild(options: ChildOptions): Promise<ChildEnding> {
  const { command, args, environment, limitMs } = options;
  let child: ChildProcess | null = null;
  const passOn = (signal: NodeJS.Signals) => child?.kill(signal);
  const leave = () => {};
  const isOnTerminal = hasTerminal();
  for (const signal of PASSED_ON) process.on(signal, passOn);
  for (const signal of FROM_TERMINAL) process.on(signal, isOnTerminal ? leave : passOn);
  let limit: Limit | null = null;
  try {
    child = spawn(command, args, { stdio: "inherit", env: environment });
    const started = child;
    const ended = new Promise<Omit<ChildEnding, "isOurs">>((resolve, reject) => {
      started.once("error", reject);
      started.once("exit", (code, signal) => resolve({ code, signal }));
    });
    if (limitMs !== null) limit = new Limit(child, limitMs, options);
    const ending = await ended;
    await limit?.childEnded();
    return { ...ending, isOurs: limit?.isReached ?? false };
  } finally {
    limit?.cancel();
    for (const signal of PASSED_ON) process.off(signal, passOn);
    for (const signal of FROM_TERMINAL) process.off(signal, isOnTerminal ? leave : passOn);
  }
}

/** Ends the child when its time is over: SIGTERM, and SIGKILL for all that is left of it after the grace. */
class Limit {
  readonly #child: ChildProcess;
  readonly #options: Pick<ChildOptions, "graceMs" | "descendants">;
  #timer: NodeJS.Timeout;
  #isReached = false;
  #isGraceOver = false;

  constructor(child: ChildProcess, limitMs: number, options: Pick<ChildOptions, "graceMs" | "descendants">) {
    this.#child = child;
    this.#options = options;
    this.#timer = setTimeout(() => this.#reach(), limitMs);
  }

  get isReached(): boolean {
    return this.#isReached;
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }

  /** A shell or a package manager may end before what it started: then that is asked to end too. */
  async childEnded(): Promise<void> {
    if (!this.#isReached) return;
    const left = this.#options.descendants().filter((pid) => isAlive(pid));
    for (const pid of left) send(pid, "SIGTERM");
    while (left.some((pid) => isAlive(pid))) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      if (this.#isGraceOver) for (const pid of left) send(pid, "SIGKILL");
    }
  }

  #reach(): void {
    this.#isReached = true;
    this.#child.kill("SIGTERM");
    this.#timer = setTimeout(() => {
      this.#isGraceOver = true;
      for (const pid of this.#options.descendants()) send(pid, "SIGKILL");
      this.#child.kill("SIGKILL");
    }, this.#options.graceMs);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whether there is a terminal whose keys reach the whole group: then passing SIGINT on would say it twice. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}
