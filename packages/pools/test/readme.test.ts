import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("the example in the README prints what its comments say", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const promised = Array.from(example.matchAll(/console\.log\(.*\); \/\/ (.*)/g), (match) => match[1]);
  const module = new URL("../src/piscina.ts", import.meta.url).href;
  const worker = new URL("fixtures/score-worker.js", import.meta.url);
  const { NODE_OPTIONS: _, ...env } = process.env;
  const printed = execFileSync(process.execPath, ["--input-type=module-typescript", "-"], {
    input: example.replace('"@pinchpoint/pools/piscina"', JSON.stringify(module)),
    encoding: "utf8",
    cwd: dirname(fileURLToPath(worker)),
    env,
  });
  expect(promised.length).toBeGreaterThan(0);
  expect(printed.trimEnd().split("\n")).toEqual(promised);
});
