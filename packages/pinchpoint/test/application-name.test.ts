import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { applicationOf } from "../src/application-name.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pinchpoint-name-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(path: string, text = ""): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

test("an application is called what its package is called", () => {
  put("package.json", '{ "name": "flight-features" }');
  expect(applicationOf(put("src/main.js"))).toEqual({ name: "flight-features", isLauncher: false });
});

test("a package.json without a name is passed by, and so is one that is damaged", () => {
  put("package.json", '{ "name": "outer" }');
  put("one/package.json", '{ "type": "module" }');
  put("one/two/package.json", "{");
  expect(applicationOf(put("one/two/main.js")).name).toBe("outer");
});

test("a script outside of every package is called by its file", () => {
  expect(applicationOf(put("etl.mjs")).name).toBe("etl");
});

test("a folder that is run is looked into", () => {
  put("app/package.json", '{ "name": "folder-app" }');
  expect(applicationOf(join(folder, "app")).name).toBe("folder-app");
});

test("a link is followed, as from the folder of programs to npm", () => {
  put("lib/npm/package.json", '{ "name": "npm" }');
  symlinkSync(put("lib/npm/bin/npm-cli.js"), join(folder, "npm"));
  expect(applicationOf(join(folder, "npm"))).toEqual({ name: "npm", isLauncher: true });
});

test.each([undefined, "", "-"])("code that comes from no file (%j) has a name all the same", (script) => {
  expect(applicationOf(script)).toEqual({ name: "node", isLauncher: false });
});

test("a script that does not exist is called by its file: Node itself will complain", () => {
  expect(applicationOf(join(folder, "missing.js")).name).toBe("missing");
});
