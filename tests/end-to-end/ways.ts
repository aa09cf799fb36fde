import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { BIN, type Ended, linesOf, NODE, PRELOAD, type StartOptions, startProgram } from "./program.ts";

/** How a person has an application recorded. */
export type Way = "--import" | "NODE_OPTIONS" | "pinchpoint run";

export const WAYS: readonly Way[] = ["--import", "NODE_OPTIONS", "pinchpoint run"];

/** What was recorded, of all processes together. */
export interface Recorded {
  /** Items that each stage finished or failed, by its name. */
  readonly items: Readonly<Record<string, number>>;
  /** Calls, as `stage -> resource`. */
  readonly calls: Readonly<Record<string, number>>;
  /** Who feeds whom, as `stage > stage`. */
  readonly edges: readonly string[];
  readonly losses: Readonly<Record<string, number>>;
  /** Processes that had stages. */
  readonly processes: number;
}

interface Header {
  readonly stages: readonly { readonly id: number; readonly name: string }[];
  readonly resources: readonly { readonly id: number; readonly name: string }[];
  readonly edges: readonly { readonly from: number; readonly to: number }[];
  readonly processes: readonly unknown[];
}

interface Snapshot {
  readonly stages: readonly { readonly stage: number; readonly items: number; readonly errors: number }[];
  readonly resources: readonly { readonly stage: number; readonly resource: number; readonly uses: number }[];
  readonly losses: Readonly<Record<string, number>>;
}

export interface WayOptions extends StartOptions {
  /** Compared without what differs from run to run of itself, such as times; default: as it is. */
  readonly alike?: (text: string) => string;
  /** Words that come before the flag `--import`, as a launcher's own file; default 0. */
  readonly flagAt?: number;
}

/**
 * Runs an application bare and in one way, and expects that nobody could tell the two apart by its output and its end.
 *
 * @param command - the program and its words; `NODE` for the Node of the tests
 * @returns what was recorded
 */
export async function recordedAsBare(
  way: Way,
  [program = "", ...words]: readonly string[],
  { alike = (text) => text, ...options }: WayOptions = {},
): Promise<Recorded> {
  const folder = mkdtempSync(join(tmpdir(), "pinchpoint-ways-"));
  try {
    const alone = await startProgram(program, words, options).ended;
    const ended = await recordedEnd(way, folder, [program, ...words], options);
    const [own, told] = [withAlike(alone, alike), withAlike(ended, alike)];
    expect(told).toEqual({ ...own, stderr: told.stderr });
    if (way === "pinchpoint run") {
      // What Pinchpoint says comes after all that the application has said, and an empty line.
      expect(told.stderr.slice(0, own.stderr.length + 1)).toBe(`${own.stderr}\n`);
    } else expect(told.stderr).toBe(own.stderr);
    return recordedIn(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function recordedEnd(
  way: Way,
  folder: string,
  [program = "", ...words]: readonly string[],
  { flagAt = 0, ...options }: WayOptions,
): Promise<Ended> {
  if (way === "pinchpoint run") {
    const own = [BIN, "run", "--no-port", "--record", join(folder, "recording.jsonl"), "--"];
    return startProgram(NODE, [...own, program, ...words], options).ended;
  }
  const { NODE_OPTIONS = "", ...given } = options.environment ?? {};
  const isByVariable = way === "NODE_OPTIONS";
  return startProgram(program, isByVariable ? words : words.toSpliced(flagAt, 0, "--import", PRELOAD), {
    ...options,
    environment: {
      PINCHPOINT_PORT: "off",
      PINCHPOINT_HANDOVER: folder,
      ...given,
      NODE_OPTIONS: isByVariable ? `${NODE_OPTIONS} --require ${PRELOAD}` : NODE_OPTIONS,
    },
  }).ended;
}

function withAlike(ended: Ended, alike: (text: string) => string): Ended {
  return { ...ended, stdout: alike(ended.stdout), stderr: alike(ended.stderr) };
}

/** From a recording, or from what processes have handed over. */
function recordedIn(folder: string): Recorded {
  const items: Record<string, number> = {};
  const calls: Record<string, number> = {};
  const losses: Record<string, number> = {};
  const edges = new Set<string>();
  let processes = 0;
  const add = (counts: Record<string, number>, key: string, count: number) => {
    counts[key] = (counts[key] ?? 0) + count;
  };
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".jsonl"))) {
    const lines = linesOf(join(folder, name));
    const header = lines.findLast(({ kind }) => kind === "header") as unknown as Header;
    const last = lines.findLast(({ kind }) => kind === "snapshot") as unknown as Snapshot;
    const nameOf = (stage: number) => header.stages.find(({ id }) => id === stage)?.name ?? "nobody";
    for (const row of last.stages) add(items, nameOf(row.stage), row.items + row.errors);
    for (const { stage, resource, uses } of last.resources) {
      const called = header.resources.find(({ id }) => id === resource)?.name.replace(/:\d+$/, "");
      add(calls, `${nameOf(stage)} -> ${called}`, uses);
    }
    for (const { from, to } of header.edges) edges.add(`${nameOf(from)} > ${nameOf(to)}`);
    for (const [reason, count] of Object.entries(last.losses)) add(losses, reason, count);
    processes += header.processes.length;
  }
  return { items, calls, edges: [...edges], losses, processes };
}
