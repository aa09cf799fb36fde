import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  application,
  BIN,
  bare,
  type Ended,
  endPrograms,
  linesOf,
  NODE,
  PRELOAD,
  run,
  startProgram,
  startRun,
} from "./program.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pinchpoint-run-"));
});
afterEach(() => {
  endPrograms();
  rmSync(folder, { recursive: true, force: true });
});

interface RecordedHeader {
  readonly stages: { readonly id: number; readonly pipeline: string; readonly name: string }[];
  readonly threads: { readonly id: number; readonly role: string; readonly name: string }[];
  readonly processes: unknown[];
}

interface StageLine {
  readonly stage: number;
  readonly thread: number;
  readonly items: number;
}

/** Items that each stage finished in the end, by its name and the role of its thread. */
function itemsIn(file: string): Record<string, number> {
  const lines = linesOf(file);
  const header = lines[0] as unknown as RecordedHeader;
  const last = lines.at(-1) as unknown as { readonly stages: StageLine[] };
  const items: Record<string, number> = {};
  for (const row of last.stages) {
    const name = header.stages.find(({ id }) => id === row.stage)?.name.replace(/:\d+$/, "");
    const role = header.threads.find(({ id }) => id === row.thread)?.role;
    items[`${role} ${name}`] = (items[`${role} ${name}`] ?? 0) + row.items;
  }
  return items;
}

function recordTo(): { file: string; own: string[] } {
  const file = join(folder, "recording.jsonl");
  return { file, own: ["--record", file] };
}

/** The line of the stage `store` in a verdict. */
const STAGE_LINE = /^ store +[\d.]+ /m;

/** stderr is the application's own, then an empty line and what Pinchpoint says. */
function saidAfter({ stderr }: Ended, own: Ended): string {
  expect(stderr.slice(0, own.stderr.length + 1)).toBe(`${own.stderr}\n`);
  return stderr.slice(own.stderr.length + 1);
}

test.each([
  [
    "functions in pipeline",
    ["functions.js"],
    {
      "main flights": 50,
      "main decode": 50,
      "main clean": 50,
      "main store": 50,
      "main iterable@functions.js": 52,
      "main decode@functions.js": 2,
      "main store@functions.js": 52,
      "main clean@functions.js": 50,
      "main read-stream": 1,
      "main count": 1,
      "main flights@functions.js": 4,
      "main refuse": 3,
    },
  ],
  ["an ESM application with pipeline", ["etl.js"], { "main readable@etl.js": 50, "main decode": 50, "main store": 50 }],
  ["a CommonJS application with pipe", ["chain.cjs"], { "main flights": 50, "main decode": 50, "main store": 50 }],
  ["an application that fails", ["failing.js", "throw"], {}],
  ["an application that rejects", ["failing.js", "reject"], {}],
  ["an application that exits early", ["failing.js", "exit"], {}],
])("%s does what it does without Pinchpoint, and its stages are recorded", async (_, [name = "", ...words], items) => {
  const { file, own } = recordTo();
  const command = [application(name), ...words];
  const alone = await bare(command);
  const ended = await run(own, [NODE, ...command]);
  expect({ ...ended, stderr: "" }).toEqual({ ...alone, stderr: "" });
  expect(saidAfter(ended, alone)).toMatch(STAGE_LINE);
  expect(itemsIn(file)).toMatchObject(items);
});

test("an error that a stage throws is the application's own: its message, its place and its exit code", async () => {
  const command = [application("failing.js"), "stage"];
  const alone = await bare(command);
  const ended = await run([], [NODE, ...command]);
  const message = alone.stderr.slice(0, alone.stderr.indexOf("\n    at "));
  expect(message).toContain("Error: the store is full");
  expect(ended.stderr).toContain(message);
  expect(ended.code).toBe(alone.code);
});

test("what was recorded until a SIGKILL is told, and our status is the application's", async () => {
  const { file, own } = recordTo();
  const { ended, says } = startRun(own, [NODE, application("known.js")]);
  const [, pid] = /^process (\d+)/.exec(await says("at 1500\n")) ?? [];
  process.kill(Number(pid), "SIGKILL");
  const { code, signal, stderr } = await ended;
  expect({ code, signal }).toEqual({ code: null, signal: "SIGKILL" });
  expect(stderr).toMatch(STAGE_LINE);
  expect(itemsIn(file)["main store"]).toBeGreaterThan(100);
});

test.each([
  ["SIGTERM", "polite.js", { code: 5, signal: null }, "bye SIGTERM\n"],
  ["SIGINT", "polite.js", { code: 5, signal: null }, "bye SIGINT\n"],
  ["SIGTERM", "etl.js", { code: null, signal: "SIGTERM" }, ""],
  ["SIGHUP", "etl.js", { code: null, signal: "SIGHUP" }, ""],
] as const)("%s is passed on to %s once, and we end as it does", async (sent, name, status, last) => {
  const { child, ended, says } = startRun([], [NODE, application(name), "1000000"]);
  await says("at 50");
  child.kill(sent);
  const { code, signal, stdout, stderr } = await ended;
  expect({ code, signal }).toEqual(status);
  expect(stdout.replaceAll(/^at \d+\n/gm, "")).toBe(last);
  expect(stderr).toMatch(/^\npinchpoint: no verdict: it ended before|^ store /m);
});

test("--for ends the application, and that is a success", async () => {
  const { code, stdout, stderr } = await run(["--for", "1s"], [NODE, application("polite.js")]);
  expect(code).toBe(0);
  expect(stdout).toContain("bye SIGTERM");
  expect(stderr).toMatch(STAGE_LINE);
});

test("a pipeline that computes without a pause, so that no timer runs, is recorded while it does", async () => {
  const { code, stdout, stderr } = await run(["--for", "2500ms"], [NODE, application("chain.cjs"), "1000000000"]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  expect(stderr).toMatch(STAGE_LINE);
});

test("an application that does not listen to SIGTERM is ended when the grace is over", async () => {
  const { code, stdout } = await run(["--for", "1s", "--grace", "100ms"], [NODE, application("stubborn.js")]);
  expect(code).toBe(0);
  expect(stdout).toContain("no\n");
});

test("an application behind npm is ended with it; of npm itself nothing is told", async () => {
  const polite = JSON.stringify(application("polite.js"));
  writeFileSync(join(folder, "package.json"), '{ "name": "behind", "scripts": { "start": "node app.js; true" } }');
  writeFileSync(join(folder, "app.js"), `import(${polite});`);
  const { own, file } = recordTo();
  const { code, stdout, stderr } = await run([...own, "--for", "2s"], ["npm", "start"], { cwd: folder });
  expect(code).toBe(0);
  expect(stdout).toContain("bye SIGTERM");
  expect(stderr).toMatch(STAGE_LINE);
  expect((linesOf(file)[0] as unknown as RecordedHeader).processes).toHaveLength(1);
});

test("worker threads are recorded, the terminated ones too, and none of their items is lost", async () => {
  const { own, file } = recordTo();
  const { code, stdout } = await run(own, [NODE, application("threads.js")]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "crunched\n" });
  // What Node joins for a worker, its stdout to the process's, is no stage.
  expect(itemsIn(file)).toEqual({ "worker threads.js/readable@threads.js": 80, "worker threads.js/crunch": 80 });
});

test("several processes are one recording, in which a stage that they share is one stage", async () => {
  const { own, file } = recordTo();
  const { code } = await run(own, [NODE, application("processes.js")]);
  const header = linesOf(file)[0] as unknown as RecordedHeader;
  expect(code).toBe(0);
  expect(header.processes).toHaveLength(2);
  expect(header.stages.filter(({ name }) => name === "store")).toHaveLength(1);
  expect(itemsIn(file)["main store"]).toBe(150);
});

test("two preloads record each item once", async () => {
  const { own, file } = recordTo();
  const environment = { NODE_OPTIONS: `--require ${PRELOAD} --import file://${PRELOAD}` };
  const { code } = await run(own, [NODE, application("etl.js")], { environment });
  expect(code).toBe(0);
  expect(itemsIn(file)["main store"]).toBe(50);
});

test("stdin and stdout are the application's own", async () => {
  const input = "wie gehts?\n".repeat(20_000);
  const { code, stdout } = await run([], [NODE, application("echo.js")], { input });
  expect(code).toBe(0);
  expect(stdout).toBe(input.toUpperCase());
});

test("an application sees itself started as without Pinchpoint, but for two variables", async () => {
  const command = [application("mirror.js"), "--for", "a b", ""];
  const alone = await bare(command, { environment: { NODE_OPTIONS: "--no-deprecation" } });
  const ended = await run([], [NODE, ...command], { environment: { NODE_OPTIONS: "--no-deprecation" } });
  expect(JSON.parse(ended.stdout)).toEqual(JSON.parse(alone.stdout));
});

test.each([
  ["a command that is not Node", ["true"], 0, "the command started no Node.js process"],
  ["a Node that processes no item", [NODE, "-e", "process.exitCode = 4"], 4, "no pipeline in it handed over an item"],
])("%s gets one sentence instead of a verdict", async (_, command, expected, sentence) => {
  const jsonFile = join(folder, "verdict.json");
  const { code, stdout, stderr } = await run(["--json", jsonFile], command);
  expect({ code, stdout }).toEqual({ code: expected, stdout: "" });
  expect(stderr).toMatch(/^\npinchpoint: no verdict: [^\n]+\n$/);
  expect(stderr).toContain(sentence);
  expect(JSON.parse(readFileSync(jsonFile, "utf8"))).toMatchObject({ kind: "unsure", missing: [stderr.slice(25, -1)] });
});

test.each([
  [["no-such-command"], 127, "pinchpoint: command not found: no-such-command\n"],
  [[PRELOAD], 126, `pinchpoint: not executable: ${PRELOAD}\n`],
])("%j cannot be started, which is said as a shell says it", async (command, expected, sentence) => {
  expect(await run([], command)).toEqual({ code: expected, signal: null, stdout: "", stderr: sentence });
});

test("a result file that cannot be written is refused before the application starts", async () => {
  for (const option of ["--json", "--record"]) {
    const { code, stdout, stderr } = await run([option, join(folder, "no/such/file")], [NODE, "-p", "'started'"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^pinchpoint: cannot write [^\n]+ there is no such file or folder\.\n$/);
  }
});

test.each(["PINCHPOINT_DISABLED", "OTEL_SDK_DISABLED"])("%s records nothing, and says so", async (variable) => {
  const { code, stderr } = await run([], [NODE, application("etl.js")], { environment: { [variable]: "true" } });
  expect(code).toBe(0);
  expect(stderr).toBe(`\npinchpoint: no verdict: ${variable} is set, so nothing was recorded.\n`);
});

test("a preload that is disabled loads nothing but its own file, in the main thread and in others", async () => {
  const alone = join(folder, "register.cjs");
  copyFileSync(PRELOAD, alone);
  // What it would load, in place of all the rest.
  writeFileSync(join(folder, "preload.cjs"), 'exports.preload = () => process._rawDebug("loaded");');
  writeFileSync(join(folder, "worker-start.cjs"), 'exports.startWorkerThread = () => process._rawDebug("loaded");');
  const starts = 'new (require("node:worker_threads").Worker)("0", { eval: true })';
  const by = async (environment: Record<string, string>) => {
    const { code, stderr } = await startProgram(NODE, ["--require", alone, "-e", starts], { environment }).ended;
    return { code, stderr };
  };
  expect(await by({ PINCHPOINT_DISABLED: "true" })).toEqual({ code: 0, stderr: "" });
  expect(await by({ OTEL_SDK_DISABLED: "True" })).toEqual({ code: 0, stderr: "" });
  const environment = { OTEL_SDK_DISABLED: "true", PINCHPOINT_DISABLED: "false" };
  expect(await by(environment)).toEqual({ code: 0, stderr: "loaded\nloaded\n" });
});

test("a config file where the command starts counts, and one that makes no sense is refused before it starts", async () => {
  const path = join(folder, "pinchpoint.config.json");
  writeFileSync(path, '{ "disabled": true }');
  const disabled = await run([], [NODE, application("etl.js")], { cwd: folder });
  expect({ code: disabled.code, stdout: disabled.stdout }).toEqual({ code: 0, stdout: "at 50\nstored 50\n" });
  expect(disabled.stderr).toContain('pinchpoint.config.json says "disabled", so nothing was recorded.');
  writeFileSync(path, '{ "prot": 1 }');
  const { code, stdout, stderr } = await run([], [NODE, application("etl.js")], { cwd: folder });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^pinchpoint: [^\n]+: there is no setting "prot"; [^\n]+\n$/);
});

test("--every tells meanwhile, one line at a time", async () => {
  const { ended, says, child } = startRun(["--every", "100ms"], [NODE, application("etl.js"), "1000000"]);
  await says("at 200");
  child.kill("SIGTERM");
  const lines = (await ended).stderr.split("\n").filter((line) => /^pinchpoint \d+s /.test(line));
  expect(lines.length).toBeGreaterThan(1);
});

test("nothing is left behind in the folder for temporary files", async () => {
  const temporary = join(folder, "tmp");
  mkdirSync(temporary);
  const environment = { TMPDIR: temporary };
  const { child, ended, says } = startRun([], [NODE, application("etl.js"), "1000000"], { environment });
  await says("at 50");
  expect(readdirSync(temporary)).toHaveLength(1);
  child.kill("SIGTERM");
  await ended;
  await run([], ["no-such-command"], { environment });
  expect(readdirSync(temporary)).toEqual([]);
});

test("without the program the preload alone changes nothing either", async () => {
  const environment = { PINCHPOINT_PORT: "off" };
  for (const flag of ["--require", "--import"]) {
    const ended = await startProgram(NODE, [flag, PRELOAD, application("etl.js")], { environment }).ended;
    expect(ended).toEqual(await bare([application("etl.js")]));
  }
});

test("a hand-over folder that is gone, as after a parent that was killed, harms nobody", async () => {
  const environment = { PINCHPOINT_HANDOVER: join(folder, "gone"), PINCHPOINT_PORT: "off" };
  const ended = await startProgram(NODE, ["--require", PRELOAD, application("etl.js")], { environment }).ended;
  expect(ended).toEqual(await bare([application("etl.js")]));
});

test("the program says what it can do, and refuses what it cannot", async () => {
  const outcomes = await Promise.all(
    [["--help"], ["run", "--help"], [], ["fly"]].map((words) => startProgram(NODE, [BIN, ...words]).ended),
  );
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 2, 2]);
  expect(outcomes[0]?.stdout).toContain("pinchpoint run");
  expect(outcomes[3]?.stderr).toMatch(/^pinchpoint: unknown command "fly": [^\n]+\n$/);
});
