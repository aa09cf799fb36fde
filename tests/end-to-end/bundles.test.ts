import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { rolldown } from "rolldown";
import { afterEach, beforeEach, expect, test } from "vitest";
import { application, endPrograms, NODE } from "./program.ts";
import { recordedAsBare } from "./ways.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pinchpoint-bundles-"));
});
afterEach(() => {
  endPrograms();
  rmSync(folder, { recursive: true, force: true });
});

interface BundleOptions {
  readonly minify?: boolean;
  readonly banner?: string;
}

/** One file of an application and of all that it needs, with a source map beside it. */
async function bundled(name: string, { minify = false, banner = "" }: BundleOptions = {}): Promise<string> {
  const file = join(folder, "bundle.mjs");
  const bundle = await rolldown({ input: application(name), platform: "node", logLevel: "silent" });
  await bundle.write({ file, format: "esm", sourcemap: true, minify, banner });
  await bundle.close();
  return file;
}

const lineOf = (file: string, text: string) =>
  readFileSync(file, "utf8")
    .split("\n")
    .findIndex((line) => line.includes(text)) + 1;

test("a bundle that keeps names is found as its sources are, at the lines of the bundle", async () => {
  const file = await bundled("typed.ts");
  const line = lineOf(file, "pipeline(Readable.from");
  const { items } = await recordedAsBare("pinchpoint run", [NODE, file]);
  expect(items).toEqual({
    [`readable@bundle.mjs:${line}`]: 50,
    decode: 50,
    clean: 50,
    [`writable@bundle.mjs:${line}`]: 42,
  });
});

test("a bundle without names is found by place, and by the places of its sources where Node reads source maps", async () => {
  const file = await bundled("typed.ts", { minify: true });
  const minified = await recordedAsBare("pinchpoint run", [NODE, file]);
  expect(Object.keys(minified.items).map((name) => name.replace(/\d+$/, "N"))).toEqual([
    "transform@bundle.mjs:1:N",
    "function@bundle.mjs:1:N",
    "writable@bundle.mjs:1:N",
    "readable@bundle.mjs:1:N",
  ]);
  const mapped = await recordedAsBare("pinchpoint run", [NODE, "--enable-source-maps", file]);
  const line = lineOf(application("typed.ts"), "pipeline(Readable.from");
  expect(Object.keys(mapped.items)).toEqual(
    ["transform", "function", "writable", "readable"].map((kind) => `${kind}@typed.ts:${line}`),
  );
});

test("calls of a bundled pool are not seen, and those by HTTP are", async () => {
  const file = await bundled("calls.js", { banner: "const __dirname = import.meta.dirname;" });
  copyFileSync(application("calls-worker.cjs"), join(folder, "calls-worker.cjs"));
  // As bundlers are told to: the pool's worker is a file of its own.
  const worker = join(dirname(createRequire(import.meta.url).resolve("piscina")), "worker.js");
  writeFileSync(join(folder, "worker.js"), `require(${JSON.stringify(worker)});`);
  const { items, calls, losses } = await recordedAsBare("pinchpoint run", [NODE, file, "20"]);
  expect(items).toMatchObject({ double: 20, ask: 20 });
  expect(calls).toEqual({ "ask -> 127.0.0.1": 20 });
  expect(losses).toEqual({});
});
