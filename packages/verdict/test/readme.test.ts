import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { expect, test } from "vitest";
import * as verdict from "../src/index.ts";
import { recordingOf, toText } from "./recordings.ts";
import { exact } from "./simulation.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

function block(language: string): string {
  return readme.match(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "s"))?.[1] ?? "";
}

test("the example in the README runs and prints what the README shows", () => {
  const source = stripTypeScriptTypes(block("ts"))
    .replace(/import (\{.*?\}) from "@pinchpoint\/verdict";/, "const $1 = verdict;")
    .replace("export ", "");
  const explain = new Function("verdict", `${source}\nreturn explain;`)(verdict) as (text: string) => string;
  const recording = recordingOf({
    stages: [
      { name: "read", seconds: exact(0.003), to: ["score"] },
      { name: "score", seconds: exact(0.003), to: ["store"] },
      { name: "store", seconds: exact(0.01) },
    ],
  });
  expect(explain(toText(recording))).toBe(block("text"));
});
