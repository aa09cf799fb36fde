import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BIN, endPrograms, NODE, startProgram } from "./program.ts";

interface Finding {
  readonly level: "ok" | "note" | "problem";
  readonly about: string;
  readonly found: string;
  readonly remedy: string | null;
}

let folder = "";
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "pinchpoint-doctor-test-")));
});
afterEach(() => {
  endPrograms();
  rmSync(folder, { recursive: true, force: true });
});

/** What the doctor finds in the folder, by what it is about; with the port off, so that tests may run side by side. */
async function findings(environment: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await startProgram(NODE, [BIN, "doctor", "--json"], {
    cwd: folder,
    environment: { PINCHPOINT_PORT: "off", ...environment },
  }).ended;
  expect(stderr).toBe("");
  const all = JSON.parse(stdout) as Finding[];
  return { code, all, problems: all.filter(({ level }) => level === "problem") };
}

function install(path: string, name: string, version: string): string {
  const at = join(folder, "node_modules", path);
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, "package.json"), JSON.stringify({ name, version }));
  return at;
}

test("in a sound folder everything is seen, and nothing is in the way", async () => {
  install("pinchpoint", "pinchpoint", "0.1.0");
  const { code, all } = await findings();
  expect(code).toBe(0);
  expect(all.map(({ level, about, found }) => [level, about, found])).toEqual(
    expect.arrayContaining([
      ["note", "/metrics", "is off by PINCHPOINT_PORT"],
      ["ok", "packages", "pinchpoint 0.1.0"],
      ["ok", "streams", "seen: 3 stages, 100 items each"],
      ["ok", "HTTP calls", "seen"],
      ["ok", "worker threads", "seen"],
    ]),
  );
});

test("a person reads one line for each thing, and what to do", async () => {
  writeFileSync(join(folder, "pinchpoint.config.json"), '{ "prot": 9000 }');
  const environment = { PINCHPOINT_PORT: "off" };
  const { code, stdout } = await startProgram(NODE, [BIN, "doctor"], { cwd: folder, environment }).ended;
  expect(code).toBe(1);
  expect(stdout).toMatch(/^pinchpoint [\d.]+ doctor\n\n/);
  expect(stdout).toContain("\n PROBLEM  settings ");
  expect(stdout).toContain("-> correct ");
  expect(stdout).toMatch(/\n1 thing is in the way\.\n$/);
});

test("a node on the PATH that is too old is a problem", async () => {
  const old = join(folder, "node");
  writeFileSync(old, "#!/bin/sh\necho v20.11.0\n");
  chmodSync(old, 0o755);
  const { code, problems } = await findings({ PATH: `${folder}:${dirname(NODE)}:/usr/bin:/bin` });
  expect(code).toBe(1);
  expect(problems).toMatchObject([{ about: "Node.js", found: expect.stringContaining("v20.11.0") }]);
});

test("a config file with a setting that there is not is a problem, and nothing of it counts", async () => {
  const path = join(folder, "pinchpoint.config.json");
  writeFileSync(path, '{ "prot": 9000, "disabled": true }');
  const { code, problems } = await findings();
  expect(code).toBe(1);
  expect(problems).toEqual([
    {
      level: "problem",
      about: "settings",
      found: `${path}: there is no setting "prot"; the settings are disabled, port, httpRoutes, traces, timed, include, page, buckets.`,
      remedy: `correct ${path}, or remove it`,
    },
  ]);
});

test("a port that somebody has is a problem", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { code, problems } = await findings({ PINCHPOINT_PORT: String(port) });
  server.close();
  expect(code).toBe(1);
  expect(problems).toMatchObject([
    { about: "/metrics", found: `somebody else listens on 127.0.0.1:${port}, by PINCHPOINT_PORT` },
  ]);
});

test("recording that is switched off is a problem, and is told with where", async () => {
  writeFileSync(join(folder, "pinchpoint.config.json"), '{ "disabled": true }');
  const byFile = await findings();
  expect(byFile.problems).toMatchObject([{ about: "recording", found: expect.stringContaining('says "disabled"') }]);
  const byVariable = await findings({ PINCHPOINT_DISABLED: "1" });
  expect(byVariable.problems).toMatchObject([{ found: "PINCHPOINT_DISABLED is set: nothing is recorded" }]);
  const byStandard = await findings({ OTEL_SDK_DISABLED: "true" });
  expect(byStandard.problems).toMatchObject([{ found: "OTEL_SDK_DISABLED is set: nothing is recorded" }]);
  expect((await findings({ PINCHPOINT_DISABLED: "false", OTEL_SDK_DISABLED: "true" })).code).toBe(0);
});

test("packages that are installed twice are a problem, and are told with where", async () => {
  const api = "@opentelemetry/api";
  const [one, other] = ["a", "b"].map((name, i) => install(`${name}/node_modules/${api}`, api, `1.${9 + i}.0`));
  install("dd-trace", "dd-trace", "5.1.0");
  const { code, all, problems } = await findings();
  expect(code).toBe(1);
  expect(problems).toHaveLength(1);
  expect(problems[0]?.found).toContain(`${api} is installed in 2 versions: 1.9.0 in ${one}, 1.10.0 in ${other}`);
  expect(all).toContainEqual(expect.objectContaining({ found: expect.stringContaining("dd-trace 5.1.0") }));
});

test("streams that somebody else has fixed are a problem", async () => {
  const agent = join(folder, "agent.cjs");
  writeFileSync(
    agent,
    `const { Readable } = require("node:stream");
    Object.defineProperty(Readable.prototype, "pipe", { configurable: false, writable: false });`,
  );
  const { code, problems } = await findings({ NODE_OPTIONS: `--require ${agent}` });
  expect(code).toBe(1);
  expect(problems).toMatchObject([{ about: "streams", found: "none of 3 stages was seen" }]);
});

test("words that make no sense are refused with one sentence", async () => {
  const { code, stdout, stderr } = await startProgram(NODE, [BIN, "doctor", "--all"]).ended;
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^pinchpoint: unknown option '--all'[^\n]*\n$/);
});
