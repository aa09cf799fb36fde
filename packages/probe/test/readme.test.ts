import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as probe from "../src/index.ts";

test("the example in the README prints what its comments say", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const promised = Array.from(example.matchAll(/console\.log\(.*\); \/\/ (.*)/g), (match) => match[1]);
  const printed: string[] = [];
  const body = example.replace(/import (\{.*?\}) from "@pinchpoint\/probe";/, "const $1 = probe;");
  const run = new Function("probe", "console", `"use strict"; return (async () => { ${body} })();`);
  await run(probe, { log: (...words: unknown[]) => printed.push(words.join(" ")) });
  expect(promised.length).toBeGreaterThan(0);
  expect(printed).toEqual(promised);
});
