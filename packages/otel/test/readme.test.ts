import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { exposition } from "./exposition.ts";

test("the README's example serves what its recorder recorded, and ends by itself", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const module = new URL("../src/index.ts", import.meta.url).href;
  const { NODE_OPTIONS: _, ...env } = process.env;
  const output = execFileSync(process.execPath, ["--input-type=module-typescript", "-"], {
    input: example.replace('"@pinchpoint/otel"', JSON.stringify(module)),
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    encoding: "utf8",
    env,
    timeout: 20_000,
  });
  const items = exposition(output).get("pinchpoint_stage_items_total")?.samples ?? [];
  expect(items.map(({ labels, value }) => [labels.pinchpoint_stage_name, labels.outcome, value])).toEqual([
    ["score", "ok", 500],
    ["score", "error", 0],
    ["score", "dropped", 0],
  ]);
});
