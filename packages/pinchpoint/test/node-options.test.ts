import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withPreload } from "../src/node-options.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pinchpoint-options-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each(["plain.cjs", "with space.cjs", 'with "quotes".cjs', "back\\slash.cjs", "it's.cjs"])(
  "Node finds a preload called %s",
  (name) => {
    const path = join(folder, name);
    writeFileSync(path, "console.log('preloaded')");
    const env = { ...process.env, NODE_OPTIONS: withPreload("--no-deprecation", path) };
    const { stdout, stderr } = spawnSync(process.execPath, ["-p", "process.noDeprecation"], { env, encoding: "utf8" });
    expect({ stdout, stderr }).toEqual({ stdout: "preloaded\ntrue\n", stderr: "" });
  },
);

test("what was there comes first, and nothing there is nothing", () => {
  expect(withPreload("--max-old-space-size=64", "/a.cjs")).toBe("--max-old-space-size=64 --require /a.cjs");
  expect(withPreload(undefined, "/a.cjs")).toBe("--require /a.cjs");
  expect(withPreload(" ", "/a.cjs")).toBe("--require /a.cjs");
});
