import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type CpuTimes, ownOsThreadId, ProcessTimes, threadTimes } from "../src/cpu.ts";

interface Spun {
  readonly ids: readonly number[];
  readonly threads: readonly CpuTimes[];
  readonly before: CpuTimes;
  readonly after: CpuTimes;
  readonly cores: number;
}

const CPU_MS = 150;
/** The scheduler may still owe a thread that ran a moment ago its last tick. */
const TICK_SECONDS = 0.01;

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}

const noProc = ownOsThreadId() === null ? "/proc/thread-self is missing on this system" : null;
const noCount =
  noProc ?? (new ProcessTimes().read().runQueueSeconds === null ? "the kernel does not count scheduling" : null);
const noTaskset = noCount ?? (isOnPath("taskset") ? null : "taskset is not installed");

function spin(threadCount: number, pinnedTo?: string): Spun {
  const command = [
    process.execPath,
    fileURLToPath(new URL("spinners.ts", import.meta.url)),
    `${threadCount}`,
    `${CPU_MS}`,
  ];
  const [program, ...words] = pinnedTo === undefined ? command : ["taskset", "-c", pinnedTo, ...command];
  const { NODE_OPTIONS: _, ...env } = process.env;
  return JSON.parse(execFileSync(program as string, words, { encoding: "utf8", env })) as Spun;
}

test("a worker that spins is seen to have used its CPU time", ({ skip }) => {
  skip(noCount !== null, noCount ?? "");
  const { ids, threads, before, after } = spin(1);
  expect(ids).toEqual([expect.any(Number)]);
  expect(threads[0]?.cpuSeconds).toBeGreaterThanOrEqual(CPU_MS / 1000 - TICK_SECONDS);
  expect((after.cpuSeconds ?? 0) - (before.cpuSeconds ?? 0)).toBeGreaterThanOrEqual(CPU_MS / 1000);
});

test("two spinners on one core wait for it, and one core is what they have", ({ skip }) => {
  skip(noTaskset !== null, noTaskset ?? "");
  const [core] = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.slice(1) ?? [];
  const { threads, before, after, cores } = spin(2, core);
  expect(cores).toBeLessThanOrEqual(1);
  const waited = threads.map(({ runQueueSeconds }) => runQueueSeconds ?? 0);
  // A fair scheduler lets the one that ends first wait about as long as it ran, and so the other.
  for (const seconds of waited) expect(seconds).toBeGreaterThan(CPU_MS / 1000 / 3);
  const waitedByAll = (after.runQueueSeconds ?? 0) - (before.runQueueSeconds ?? 0);
  expect(waitedByAll).toBeGreaterThanOrEqual((waited[0] ?? 0) + (waited[1] ?? 0) - TICK_SECONDS);
});

test("the calling thread finds itself", ({ skip }) => {
  skip(noCount !== null, noCount ?? "");
  const { cpuSeconds, runQueueSeconds } = threadTimes(ownOsThreadId() as number);
  expect(cpuSeconds).toBeGreaterThan(0);
  expect(runQueueSeconds).toBeGreaterThanOrEqual(0);
});

test("a thread that does not exist is unknown", () => {
  expect(threadTimes(2 ** 31)).toEqual({ cpuSeconds: null, runQueueSeconds: null });
});
