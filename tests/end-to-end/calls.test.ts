import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { application, bare, endPrograms, linesOf, NODE, run } from "./program.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pinchpoint-calls-"));
});
afterEach(() => {
  endPrograms();
  rmSync(folder, { recursive: true, force: true });
});

interface Header {
  readonly threads: readonly { readonly id: number; readonly role: string }[];
  readonly stages: readonly { readonly id: number; readonly name: string }[];
  readonly resources: readonly { readonly id: number; readonly name: string; readonly kind: string }[];
}

interface Snapshot {
  readonly threads: readonly { readonly thread: number; readonly gcSeconds: number | null }[];
  readonly stages: readonly { readonly stage: number; readonly items: number; readonly errors: number }[];
  readonly resources: readonly {
    readonly stage: number;
    readonly resource: number;
    readonly uses: number;
    readonly errors: number;
    readonly useSeconds: number;
  }[];
  readonly losses: Readonly<Record<string, number>>;
}

/** The last line of a recording, and the header that it goes with. */
function endOf(file: string): { readonly header: Header; readonly last: Snapshot } {
  const lines = linesOf(file);
  const header = lines.findLast(({ kind }) => kind === "header") as unknown as Header;
  return { header, last: lines.at(-1) as unknown as Snapshot };
}

/** Runs an application bare and recorded, and expects that nobody could tell the two apart. */
async function recordedAsBare(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const file = join(folder, "recording.jsonl");
  const alone = await bare(words);
  const recorded = await run(["--record", file], [NODE, ...words], { environment });
  expect({ ...recorded, stderr: "" }).toEqual(alone);
  return { recorded, ...endOf(file) };
}

test("what stages ask of a pool and of a server is theirs, and the application sees no difference", async () => {
  const { header, last } = await recordedAsBare([application("calls.js"), "40"]);
  const calls = last.resources.map(({ stage, resource, uses, errors, useSeconds }) => ({
    stage: header.stages.find(({ id }) => id === stage)?.name,
    kind: header.resources.find(({ id }) => id === resource)?.kind,
    uses,
    errors,
    hasTaken: useSeconds > 0,
  }));
  expect(calls).toEqual([
    { stage: "double", kind: "pool", uses: 40, errors: 0, hasTaken: true },
    { stage: "ask", kind: "service", uses: 40, errors: 4, hasTaken: true },
  ]);
  const names = header.resources.map(({ name }) => name.replace(/:\d+$/, ":PORT"));
  expect(names).toEqual(["calls-worker.cjs", "127.0.0.1:PORT"]);
  expect(last.losses).toEqual({});
});

test("a thread of a pool is not asked for its garbage: what Node has to tell would pile up while it waits", async () => {
  const { header, last } = await recordedAsBare([application("calls.js"), "40"]);
  const asked = last.threads.map(({ thread, gcSeconds }) => [
    header.threads.find(({ id }) => id === thread)?.role,
    gcSeconds !== null,
  ]);
  expect(asked).toContainEqual(["main", true]);
  expect(asked).toContainEqual(["worker", false]);
  expect(asked).not.toContainEqual(["worker", true]);
});

test("calls of a server are told apart by the routes that a setting lists, and by nothing else", async () => {
  const environment = { PINCHPOINT_HTTP_ROUTES: "GET /7, /9, POST /8" };
  const { header, last } = await recordedAsBare([application("calls.js"), "40"], environment);
  const uses = header.resources
    .filter(({ kind }) => kind === "service")
    .map(({ id, name }) => [name.replace(/:\d+/, ""), last.resources.find(({ resource }) => resource === id)?.uses]);
  expect(Object.fromEntries(uses)).toEqual({ "127.0.0.1": 38, "127.0.0.1 GET /7": 1, "127.0.0.1 /9": 1 });
});

test("requests that come in are recorded, and the application sees no difference", async () => {
  const { header, last } = await recordedAsBare([application("server.js"), "40"]);
  expect(header.stages.map(({ name }) => name)).toEqual(["http-server"]);
  expect(last.stages).toMatchObject([{ items: 36, errors: 4 }]);
  expect(header.resources).toEqual([]);
  expect(last.losses).toEqual({});
});

test("when 10 workers are terminated in mid-run, what is counted is what the application acknowledged", async () => {
  const { recorded, header, last } = await recordedAsBare([application("terminated.js"), "10"]);
  const { done, failed } = JSON.parse(recorded.stdout) as { done: number; failed: number };
  expect({ done, failed }).toEqual({ done: 200, failed: 10 });
  const itemsOf = (name: string) => {
    const id = header.stages.find((stage) => stage.name === name)?.id;
    return last.stages.filter(({ stage }) => stage === id).map(({ items, errors }) => ({ items, errors }));
  };
  expect(itemsOf("double")).toEqual([{ items: done, errors: 0 }]);
  expect(last.resources).toMatchObject([{ uses: done + failed, errors: failed }]);
  expect(last.losses).toEqual({});
});

test("a thread that the preload did not reach is counted and named", async () => {
  const file = join(folder, "recording.jsonl");
  const recorded = await run(["--record", file], [NODE, application("unreached.js"), "600"]);
  expect(recorded.code).toBe(0);
  expect(endOf(file).last.losses).toEqual({ "thread-not-reached: eval": 1 });
  expect(recorded.stderr).toContain("1 thread of eval could not be recorded");
});
