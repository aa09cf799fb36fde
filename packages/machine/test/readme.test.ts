import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("the README's example runs and tells this process's numbers", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const module = new URL("../src/index.ts", import.meta.url).href;
  const { NODE_OPTIONS: _, ...env } = process.env;
  const output = execFileSync(process.execPath, ["--input-type=module-typescript", "-"], {
    input: example.replace('"@pinchpoint/machine"', JSON.stringify(module)),
    encoding: "utf8",
    env,
    stdio: ["pipe", "pipe", "ignore"],
  });
  expect(output).toMatch(/cores: [\d.]+,/);
  expect(output).toMatch(/total: \{ cpuSeconds: 0\.\d+, runQueueSeconds: (null|[\d.e-]+) \}/);
});
