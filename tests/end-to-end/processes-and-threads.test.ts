import { appendFileSync, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { application, endPrograms, linesOf, NODE, startRun } from "./program.ts";
import { type Recorded, recordedAsBare, WAYS } from "./ways.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pinchpoint-processes-"));
});
afterEach(() => {
  endPrograms();
  rmSync(folder, { recursive: true, force: true });
});

const withoutLines = (counts: Recorded["items"]) =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [name.replace(/:\d+$/, ""), count]));

test.for(WAYS)("the workers of a cluster are recorded under %s, and their primary serves as ever", async (way) => {
  const recorded = await recordedAsBare(way, [NODE, application("cluster.js")]);
  expect(recorded.processes).toBe(2);
  expect(withoutLines(recorded.items)).toEqual({ "readable@cluster.js": 6, store: 6, "http-server": 20 });
});

test.for([
  // A flag of the command line is the process's own: what it forks gets it too, other children do not.
  ["--import", 1],
  ["NODE_OPTIONS", 3],
  ["pinchpoint run", 3],
] as const)("of children that are forked, spawned and started by a shell, %s reaches %d", async ([way, reached]) => {
  const recorded = await recordedAsBare(way, [NODE, application("children.js")]);
  expect(recorded.processes).toBe(reached);
  expect(withoutLines(recorded.items)).toEqual({ "readable@children.js": 3 * reached, store: 3 * reached });
});

/** Tests are timed, and told from the file that they are in. */
const withoutTimes = (text: string) => text.replaceAll(/duration_ms:? [\d.]+/g, "duration_ms");

test.for(WAYS)("what node --test runs is recorded under %s, also with timers that it mocks", async (way) => {
  const command = [NODE, "--test", "--test-reporter=tap", application("checked.js")];
  const recorded = await recordedAsBare(way, command, { alike: withoutTimes });
  expect(recorded).toMatchObject({ losses: {}, processes: 1 });
  expect(withoutLines(recorded.items)).toEqual({ "readable@checked.js": 3, store: 3 });
});

test("a process that node --watch starts again is recorded again, and the terminal tells what it tells bare", async () => {
  const [file, recording] = [join(folder, "watched.mjs"), join(folder, "recording.jsonl")];
  copyFileSync(application("etl.js"), file);
  const { child, ended, says } = startRun(["--record", recording], [NODE, "--watch", file]);
  await says("Completed running");
  appendFileSync(file, "\nconsole.log('again');\n");
  await says("again\nCompleted running");
  child.kill("SIGTERM");
  const { code, signal, stdout } = await ended;
  expect({ code, signal }).toEqual({ code: 0, signal: null });
  // Node tells once or twice of a change that is written in two steps.
  expect(stdout.replaceAll(`'${file}'`, "FILE")).toMatch(
    /^at 50\nstored 50\nCompleted running FILE[^\n]*\n(Change detected in FILE\nRestarting FILE\n)+at 50\nstored 50\nagain\nCompleted running FILE[^\n]*\n$/,
  );
  const last = linesOf(recording).at(-1) as unknown as { readonly stages: { readonly items: number }[] };
  expect(last.stages.map(({ items }) => items)).toEqual([50, 50, 50, 50, 50, 50]);
});

test.for(WAYS)("threads of each kind are recorded under %s, or counted and named", async (way) => {
  const sorted = (text: string) => text.split("\n").sort().join("\n");
  const recorded = await recordedAsBare(way, [NODE, application("kinds-of-threads.js")], { alike: sorted });
  const stored = Object.keys(recorded.items).filter((name) => !name.includes("readable@"));
  const lost = Object.entries(recorded.losses);
  if (way === "--import") {
    // Neither code from a text nor a thread with flags of its own gets what is on the command line.
    expect(stored).toEqual([]);
  } else {
    expect(stored.sort()).toEqual(
      ["around", "inner", "outer", "owned", "plain"].map((name) => `[worker eval]/${name}`),
    );
    expect(lost).toEqual([
      ["thread-not-reached: eval", 1],
      ["thread-not-reached: a worker of [worker eval]", 1],
    ]);
  }
});

test.for(WAYS)(
  "of a hundred threads that come and go under %s each item is counted, and nothing is lost",
  async (way) => {
    const recorded = await recordedAsBare(way, [NODE, application("many-threads.js")]);
    // A hundred, and ten within others.
    expect(recorded.items).toMatchObject({ "many-threads.js/store": 110 * 30 });
    expect(recorded.losses).toEqual({});
  },
);
