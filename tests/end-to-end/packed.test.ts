import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const repositoryRoot = join(import.meta.dirname, "../..");
/** A production install without the OpenTelemetry SDK. */
const MOST_BYTES = 15 * 1024 * 1024;
/** Packing and installing ask the registry. */
const INSTALL_LIMIT_MS = 120_000;

const folder = mkdtempSync(join(tmpdir(), "packed-"));
const installed = join(folder, "app/node_modules");

beforeAll(async () => {
  const packages = readdirSync(join(repositoryRoot, "packages")).map((name) => join(repositoryRoot, "packages", name));
  await npm(folder, ["pack", "--silent", "--pack-destination", folder, ...packages]);
  const tarballs = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  expect(tarballs).toHaveLength(packages.length);
  mkdirSync(join(folder, "app"));
  cpSync(join(import.meta.dirname, "applications/chain.cjs"), join(folder, "app/chain.cjs"));
  const files = tarballs.map((name) => join(folder, name));
  await npm(join(folder, "app"), ["install", "--silent", "--no-audit", "--no-fund", ...files]);
}, INSTALL_LIMIT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the packed packages run an application that knows nothing of them", async () => {
  const record = join(folder, "recording.jsonl");
  const program = join(installed, ".bin/pinchpoint");
  const bare = await run(process.execPath, ["chain.cjs"]);
  const recorded = await run(program, ["run", "--no-port", "--record", record, "--", process.execPath, "chain.cjs"]);
  expect(recorded.stdout).toBe(bare.stdout);
  const lines = readFileSync(record, "utf8").trim().split("\n");
  const last = JSON.parse(lines.at(-1) as string) as { stages: { items: number }[] };
  expect(last.stages.length).toBeGreaterThan(1);
  expect(Math.min(...last.stages.map(({ items }) => items))).toBeGreaterThan(0);
});

test("a program that is installed beside them has stages named by its places, as an application has", async () => {
  mkdirSync(join(installed, "flow/lib"), { recursive: true });
  writeFileSync(
    join(installed, "flow/lib/flow.cjs"),
    `const { PassThrough, pipeline, Readable } = require("node:stream");
pipeline(Readable.from(["a"]), new PassThrough(), process.stdout, () => {});`,
  );
  const record = join(folder, "flow.jsonl");
  const words = ["run", "--no-port", "--record", record, "--", process.execPath, "node_modules/flow/lib/flow.cjs"];
  await run(join(installed, ".bin/pinchpoint"), words);
  const header = readFileSync(record, "utf8").split("\n", 1)[0] as string;
  const { stages } = JSON.parse(header) as { stages: { name: string }[] };
  expect(stages.map(({ name }) => name)).toContain("readable@flow.cjs:2");
});

test("the packed preload changes nothing of what the application says", async () => {
  const bare = await run(process.execPath, ["chain.cjs"]);
  for (const flag of ["--import", "--require"]) {
    expect(await run(process.execPath, [flag, "pinchpoint/register", "chain.cjs"])).toEqual(bare);
  }
});

test("without the SDK they are small, and hold no native code", () => {
  const files = readdirSync(installed, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.startsWith("@opentelemetry"))
    .map((name) => join(installed, name))
    .filter((path) => statSync(path).isFile());
  expect(files.filter((path) => path.endsWith(".node"))).toEqual([]);
  expect(files.reduce((sum, path) => sum + statSync(path).size, 0)).toBeLessThan(MOST_BYTES);
});

function run(command: string, parameters: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(command, parameters, { cwd: join(folder, "app") });
}

function npm(cwd: string, parameters: readonly string[]): Promise<unknown> {
  return promisify(execFile)("npm", parameters, { cwd });
}
