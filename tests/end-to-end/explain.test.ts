import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { application, BIN, type Ended, endPrograms, NODE, run, startProgram } from "./program.ts";

let folder = "";
let recording = "";
let told = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pinchpoint-explain-"));
  const file = join(folder, "recording.jsonl");
  told = (await run(["--record", file], [NODE, application("etl.js"), "400"])).stderr.slice(1);
  recording = readFileSync(file, "utf8");
});
afterEach(endPrograms);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function explain(text: string, words: readonly string[] = []): Promise<Ended> {
  const file = join(folder, "given");
  writeFileSync(file, text);
  return startProgram(NODE, [BIN, "explain", file, ...words]).ended;
}

test("a recording is explained as the run that made it was", async () => {
  expect(await explain(recording)).toEqual({ code: 0, signal: null, stdout: told, stderr: "" });
});

test("--json gives the verdict as data", async () => {
  const { stdout } = await explain(recording, ["--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ format: "pinchpoint.verdict/v1", pipeline: "small-etl" });
});

test("a recording whose end is cut off is explained without its last line", async () => {
  const { code, stdout } = await explain(recording.slice(0, -20));
  expect(code).toBe(0);
  expect(stdout).toContain("cut off");
});

test.each([
  ["an empty file", () => ""],
  ["a recording that is cut off within its first line", () => recording.slice(0, 50)],
  ["a file of something else", () => '{ "name": "small-etl" }'],
  ["a text", () => "not a recording\nat all\n"],
  ["bytes", () => "\0\x01\x02"],
  ["a recording that lost its first line", () => recording.slice(recording.indexOf("\n") + 1)],
])("%s gets one clear sentence", async (_, text) => {
  const { code, stdout, stderr } = await explain(text());
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^pinchpoint: [^\n]+\n$/);
});

test("a file that is not there, a folder, and no file at all get one clear sentence", async () => {
  for (const [words, code] of [
    [[join(folder, "nothing")], 1],
    [[folder], 1],
    [[], 2],
    [["a", "b"], 2],
  ] as const) {
    const ended = await startProgram(NODE, [BIN, "explain", ...words]).ended;
    expect(ended.code).toBe(code);
    expect(ended.stderr).toMatch(/^pinchpoint: [^\n]+\n$/);
  }
});
