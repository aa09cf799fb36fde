import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const repositoryRoot = join(import.meta.dirname, "../..");
const readme = readFileSync(join(repositoryRoot, "README.md"), "utf8");

test("the import that the README shows runs as it stands, without a recorder and with the preload", async () => {
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const folder = mkdtempSync(join(tmpdir(), "readme-"));
  try {
    symlinkSync(join(repositoryRoot, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(join(folder, "example.ts"), example);
    for (const preload of [[], ["--import", "pinchpoint/register"]]) {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [...preload, "example.ts"], {
        cwd: folder,
      });
      expect({ stdout, stderr }).toEqual({ stdout: "stored 3 scores\n", stderr: "" });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("each command of the README's repository is a script of package.json", () => {
  const { scripts } = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8"));
  const named = [...readme.matchAll(/npm (?:run )?(start|test|matrix|bench)\b/g)].map(([, name]) => name as string);
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test("an install of the repository links the program that the README names", async () => {
  const program = join(repositoryRoot, "node_modules/.bin/pinchpoint");
  const { stdout } = await promisify(execFile)(program, ["--version"]);
  expect(stdout).toMatch(/\d+\.\d+\.\d+/);
});
