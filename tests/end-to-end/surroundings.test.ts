import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { delimiter, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { application, BIN, bare, endPrograms, NODE, PRELOAD, run, startProgram, startRun } from "./program.ts";
import { recordedAsBare, WAYS } from "./ways.ts";

afterEach(endPrograms);

/** A program of util-linux. */
const TERMINAL = "script";

function listen(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** A Node of another version than ours that Pinchpoint does not support; null where the machine has none. */
function oldNode(): string | null {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  for (const folder of folders) {
    const node = join(folder, "node");
    if (!existsSync(node)) continue;
    const [major = 0, minor = 0] = spawnSync(node, ["-p", "process.versions.node"], { encoding: "utf8" })
      .stdout.split(".")
      .map(Number);
    if (major > 0 && (major < 22 || (major === 22 && minor < 15))) return node;
  }
  return null;
}

test("a taken port is said once, and costs nothing but the page", async () => {
  const server = await listen();
  const port = portOf(server);
  const { code, stdout, stderr } = await run(
    ["--port", String(port), "--every", "50ms"],
    [NODE, application("processes.js")],
  );
  server.close();
  expect({ code, lines: stdout.match(/^stored/gm)?.length }).toEqual({ code: 0, lines: 2 });
  expect(stderr.match(/is taken/g)).toHaveLength(1);
  expect(stderr).toContain(`pinchpoint: port ${port} is taken`);
  expect(stderr).toMatch(/^ store +[\d.]+ /m);
});

test("without the program, a taken port is one line on stderr", async () => {
  const server = await listen();
  const environment = { PINCHPOINT_PORT: String(portOf(server)) };
  const ended = await startProgram(NODE, ["--require", PRELOAD, application("etl.js")], { environment }).ended;
  server.close();
  expect({ ...ended, stderr: "" }).toEqual(await bare([application("etl.js")]));
  expect(ended.stderr).toMatch(/^pinchpoint: port \d+ is taken[^\n]+\n$/);
});

test("metrics are served while the application works, and do not keep it alive", async () => {
  const server = await listen();
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  const { child, ended, says } = startRun(["--port", String(port)], [NODE, application("etl.js"), "1000000"]);
  await says("at 50");
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  child.kill("SIGTERM");
  expect((await ended).signal).toBe("SIGTERM");
  expect(page).toMatch(/^pinchpoint_stage_items_total\{[^}]*stage_name="store"[^}]*\} [1-9]/m);
});

test.for([
  [{ PINCHPOINT_PORT: "many" }, /^pinchpoint: [^\n]*PINCHPOINT_PORT must be a port[^\n]+"many"\.\n$/],
  [
    { PINCHPOINT_PORT: "off", PINCHPOINT_HTTP_ROUTES: "health" },
    /^pinchpoint: httpRoutes \(PINCHPOINT_HTTP_ROUTES\): a route must be like[^\n]+"health"\.\n$/,
  ],
  [
    { PINCHPOINT_PORT: "off", PINCHPOINT_INCLUDE: "streams, kafka" },
    /^pinchpoint: include \(PINCHPOINT_INCLUDE\): there is no "kafka"; there are [^\n]+\.\n$/,
  ],
  [
    { PINCHPOINT_PORT: "off", PINCHPOINT_CONFIG: "/no/such/file.json" },
    /^pinchpoint: cannot read \/no\/such\/file\.json \(ENOENT\)\.\n$/,
  ],
] as const)(
  "a setting that is wrong is said by the process that needs it, and by no other: %j",
  async ([environment, sentence]) => {
    const preload = ["--require", PRELOAD];
    const working = await startProgram(NODE, [...preload, application("etl.js")], { environment }).ended;
    const idle = await startProgram(NODE, [...preload, "-e", ""], { environment }).ended;
    expect(working.stderr).toMatch(sentence);
    expect({ code: working.code, stdout: working.stdout }).toEqual({ code: 0, stdout: "at 50\nstored 50\n" });
    expect(idle.stderr).toBe("");
  },
);

test("a Node that is too old runs the application as ever, after one line", async (context) => {
  const node = oldNode();
  if (node === null) return context.skip("no Node older than 22.15 is on the PATH");
  const command = ["-e", "console.log(process.argv.length); process.exitCode = 3"];
  const alone = await startProgram(node, command).ended;
  const ended = await startProgram(node, ["--require", PRELOAD, ...command]).ended;
  expect({ ...ended, stderr: "" }).toEqual(alone);
  expect(ended.stderr).toMatch(/^pinchpoint: Node v[\d.]+ is too old[^\n]+\n$/);
  const workers =
    "new (require('worker_threads').Worker)('', { eval: true }); require('child_process').spawnSync(process.execPath, ['-e', '1'], { stdio: 'inherit' })";
  const all = await run([], [node, "-e", workers]);
  expect(all.stderr.match(/is too old/g)).toHaveLength(1);
  expect(all.stderr).toContain("no verdict: the command runs on Node v");
  const program = await startProgram(node, [BIN, "run", "--", "true"]).ended;
  expect({ code: program.code, stdout: program.stdout }).toEqual({ code: 1, stdout: "" });
  expect(program.stderr).toMatch(/^pinchpoint: needs Node 22\.15 or newer[^\n]+\n$/);
});

test.each(WAYS)("under %s a Node that may not load ES modules at once records as any other", async (way) => {
  const { items, losses } = await recordedAsBare(way, [NODE, "--no-require-module", application("chain.cjs")]);
  expect(items).toEqual({ flights: 50, decode: 50, store: 50 });
  expect(losses).toEqual({});
});

test("a terminal stays the application's, and its Ctrl-C reaches it once", async (context) => {
  if (spawnSync(TERMINAL, ["--version"]).status !== 0) return context.skip("util-linux's script is not installed");
  const words = [NODE, BIN, "run", "--no-port", "--", NODE, application("known.js")];
  const command = words.map((word) => `'${word}'`).join(" ");
  const { child, ended, says } = startTerminal(command);
  const [, parent] = /of (\d+)\./.exec(await says("at 50\r\n")) ?? [];
  // The terminal would have told the application too: what only we get ends here.
  process.kill(Number(parent), "SIGINT");
  expect(await says("at 600\r\n")).not.toContain("bye");
  child.stdin?.write("\u0003");
  const { code, stdout } = await ended;
  expect(code).toBe(5);
  expect(stdout.match(/bye SIGINT/g)).toHaveLength(1);
  const mirrored = startTerminal(`'${NODE}' '${BIN}' run -- '${NODE}' '${application("mirror.js")}'`);
  expect((await mirrored.ended).stdout).toContain('"ttys":[true,true,true]');
});

/**
 * It gives the command a terminal of its own, whose keys are its stdin. A shell that stayed between them would die of a
 * Ctrl-C in the command's place, and its exit code would be the shell's.
 */
function startTerminal(command: string) {
  return startProgram(TERMINAL, ["--quiet", "--return", "--command", `exec ${command}`, "/dev/null"], { input: null });
}
