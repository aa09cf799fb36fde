import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Failure, firstLine } from "./failure.ts";
import { type RemoteScorer, remoteBatchesUnderWay } from "./remote-scoring.ts";
import type { Settings } from "./settings.ts";

/** Loading the model takes a fraction of a second; on a busy machine more. */
const startWithinMs = 30_000;
/** For what a batch takes besides the accelerator's time. */
const answerWithinMs = 30_000;
/** A scorer that has nothing to do and does not end by then hangs. */
const stopWithinMs = 2000;

/**
 * Starts a scorer with these settings, as a process that ends when this one does.
 *
 * @param program - the file that runs in it; it writes its address as a line
 * @throws Failure if it ends before it has told its address, or does not tell it in time
 */
export async function startScorer(
  settings: Settings,
  program: string = fileURLToPath(new URL("scorer.ts", import.meta.url)),
): Promise<RemoteScorer> {
  // As fork() does: the options of Node that hold for this process hold for that one.
  const child = spawn(process.execPath, [...process.execArgv, program, JSON.stringify(settings)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  // Its closing is the signal to end; that it can break first is no error of its own.
  child.stdin.on("error", () => {});
  const ended = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(firstLine(error)));
    child.on("exit", (exitCode, signal) => resolve(signal ?? `exit code ${exitCode}`));
  });
  return {
    url: await addressOf(child, ended),
    // Inside the scorer a batch may have all others before it.
    answerWithinMs: answerWithinMs + remoteBatchesUnderWay * settings.remoteMs,
    stop: () => stop(child, ended),
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function addressOf(
  child: ChildProcessByStdio<Writable, Readable, null>,
  ended: Promise<string>,
): Promise<string> {
  let isOverdue = false;
  const overdue = setTimeout(() => {
    isOverdue = true;
    child.kill("SIGKILL");
  }, startWithinMs);
  try {
    return await Promise.race([
      once(createInterface({ input: child.stdout }), "line").then(([line]) => String(line)),
      ended.then((how) => {
        if (isOverdue) throw new Failure(`the scorer did not tell its address within ${startWithinMs} ms`);
        throw new Failure(`the scorer ended before it told its address (${how})`);
      }),
    ]);
  } finally {
    clearTimeout(overdue);
  }
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.stdin?.end();
  const overdue = setTimeout(() => child.kill("SIGKILL"), stopWithinMs);
  await ended;
  clearTimeout(overdue);
}
