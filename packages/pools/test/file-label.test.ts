import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { fileLabel } from "../src/file-label.ts";

const installed = resolve("node_modules", "a", "node_modules", "@scope", "pool", "dist", "worker.js");

test.for([
  ["score-worker.ts", "score-worker.ts"],
  [resolve("src", "score-worker.ts"), "score-worker.ts"],
  [`${pathToFileURL(resolve("src", "score worker.ts"))}?v=2`, "score worker.ts"],
  [installed, "@scope/pool/dist/worker.js"],
])("%s is called %s", ([file, label]) => {
  expect(fileLabel(file as string)).toBe(label);
});
