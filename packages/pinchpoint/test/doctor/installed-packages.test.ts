import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { installedPackages } from "../../src/doctor/installed-packages.ts";

let folder = "";
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "pinchpoint-packages-")));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function install(path: string, version: string | null): string {
  const at = join(folder, path);
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, "package.json"), version === null ? "no JSON" : JSON.stringify({ version }));
  return at;
}

const found = (from: string) => installedPackages(join(folder, from), (name) => name === "a" || name === "@s/b");

test("packages are found where Node looks for them: here, above, and within others", () => {
  const places = [
    install("app/node_modules/a", "1.0.0"),
    install("app/node_modules/c/node_modules/a", "2.0.0"),
    install("node_modules/@s/b", "3.0.0"),
  ];
  install("app/node_modules/d", "4.0.0");
  expect(found("app").map(({ name, version, folder: at }) => [name, version, at])).toEqual([
    ["a", "1.0.0", places[0]],
    ["a", "2.0.0", places[1]],
    ["@s/b", "3.0.0", places[2]],
  ]);
});

test("what links lead to is one package, also where they lead in a circle", () => {
  const real = install("store/a", "1.0.0");
  mkdirSync(join(folder, "app/node_modules/c/node_modules"), { recursive: true });
  symlinkSync(real, join(folder, "app/node_modules/a"));
  symlinkSync(real, join(folder, "app/node_modules/c/node_modules/a"));
  mkdirSync(join(real, "node_modules"));
  symlinkSync(real, join(real, "node_modules/a"));
  expect(found("app")).toEqual([{ name: "a", version: "1.0.0", folder: real }]);
});

test("packages in the store of pnpm are found", () => {
  const at = install("app/node_modules/.pnpm/a@1.0.0/node_modules/a", "1.0.0");
  expect(found("app")).toEqual([{ name: "a", version: "1.0.0", folder: at }]);
});

test("a folder without packages has none, and a broken package.json is no package", () => {
  expect(found("app")).toEqual([]);
  install("app/node_modules/a", null);
  expect(found("app")).toEqual([]);
});
