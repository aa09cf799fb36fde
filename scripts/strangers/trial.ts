import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Served, Stranger } from "./stranger.ts";

/** What one run of a program said and did. */
export interface Ended {
  /** As it is compared: without what varies from run to run. */
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number | NodeJS.Signals;
  readonly tookMs: number;
  /** Of all that it answered, where it serves: status, and what was in it. */
  readonly answers: string | null;
}

/** Requests that are under way at once. */
const AT_ONCE = 8;
/** How long a server may take until it listens, and a program until it ends. */
const LIMIT_MS = 120_000;

/** Runs a stranger to its end, or asks it until it has answered all, and then stops it as a terminal does. */
export async function runOnce(
  stranger: Stranger,
  folder: string,
  commandOf: (words: readonly string[]) => readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Ended> {
  const { served } = stranger;
  const port = served === undefined ? 0 : (served.port ?? (await freePort()));
  const [command, ...words] = commandOf(stranger.command(port)) as [string, ...string[]];
  const stdin = stranger.stdin === undefined ? null : openSync(join(folder, stranger.stdin), "r");
  const startedMs = performance.now();
  const child = spawn(command, words, {
    cwd: folder,
    env: { ...cleanEnvironment(), ...environment },
    stdio: [stdin ?? "ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  try {
    const output = collect(child);
    const closed = new Promise<number | NodeJS.Signals>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve(signal ?? code ?? 0));
    });
    const answers = served === undefined ? null : await ask(served, port, child).finally(() => stop(child));
    const exit = await closed;
    return { ...output(stranger), exit, tookMs: performance.now() - startedMs, answers };
  } finally {
    child.kill("SIGKILL");
    if (stdin !== null) closeSync(stdin);
  }
}

/** A server tells of its last answer, in a log or a recording, after it was heard. */
async function stop(child: ChildProcess): Promise<void> {
  await sleep(500);
  child.kill("SIGINT");
}

function collect(child: ChildProcess): (stranger: Stranger) => { readonly stdout: string; readonly stderr: string } {
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return ({ varies, isUnordered = false }) => {
    const steady = varies === undefined ? stdout : stdout.replace(varies, "");
    return { stdout: isUnordered ? steady.split("\n").sort().join("\n") : steady, stderr };
  };
}

async function ask({ requests, count }: Served, port: number, child: ChildProcess): Promise<string> {
  const first = requests[0] as Served["requests"][number];
  for (const untilMs = performance.now() + LIMIT_MS; ; await sleep(50)) {
    const isUp = await answerOf(port, first).then(
      () => true,
      () => false,
    );
    if (isUp) break;
    if (child.exitCode !== null || performance.now() > untilMs) throw new Error(`nothing listens on port ${port}`);
  }
  const digests: string[] = new Array(count);
  let next = 0;
  const askOn = async (): Promise<void> => {
    for (let at = next++; at < count; at = next++) {
      digests[at] = await answerOf(port, requests[at % requests.length] as typeof first);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, askOn));
  return createHash("sha256").update(digests.join("\n")).digest("hex");
}

function answerOf(port: number, { method, path, body }: Served["requests"][number]): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const asked = request({ host: "127.0.0.1", port, method, path, headers }, (response) => {
      const hash = createHash("sha256").update(String(response.statusCode));
      response.on("data", (chunk: Buffer) => hash.update(chunk));
      response.once("end", () => resolve(hash.digest("hex")));
      response.once("error", reject);
    });
    asked.once("error", reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What npm and this repository's tools add to the environment is not the program's. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(NODE_|PINCHPOINT_|npm_|INIT_CWD|FORCE_COLOR)/.test(name),
  );
  return { ...Object.fromEntries(kept), NO_COLOR: "1", CI: "1" };
}
