import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newCodeMemory, SharedScript } from "../src/shared-script.ts";

interface Exports {
  readonly told: () => string;
  readonly fails: () => never;
}

/** As long whatever it tells: V8 takes code for that of any text of the same length. */
const telling = (word: "one" | "two") =>
  `exports.told = () => "${word}";\nexports.fails = () => {\n  throw new Error(require("node:path").relative(__dirname, __filename));\n};`;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pinchpoint-script-"));
  file = join(folder, "script.cjs");
  writeFileSync(file, telling("one"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const require = createRequire(import.meta.url);
const script = (memory = newCodeMemory()) => new SharedScript<Exports>(file, require, memory);

/** What one says that has the same memory, of a file that says `two` by now: `one` where it runs the other's code. */
function toldByNext(memory: SharedArrayBuffer): string {
  writeFileSync(file, telling("two"));
  return script(memory).exports.told();
}

test("a script has what modules of CommonJS have, and keeps its name and lines in what it throws", () => {
  const { exports } = script();
  expect(exports.told()).toBe("one");
  expect(exports.fails).toThrow(/^script\.cjs$/);
  try {
    exports.fails();
  } catch (error) {
    expect((error as Error).stack).toContain(`${file}:3:`);
  }
});

test("it is loaded once, and again after it could not be loaded", () => {
  const loaded = script();
  rmSync(file);
  expect(() => loaded.exports).toThrow("ENOENT");
  writeFileSync(file, telling("one"));
  expect(loaded.exports).toBe(loaded.exports);
});

test("what one has compiled, the next takes over", () => {
  const memory = newCodeMemory();
  const first = script(memory);
  first.exports.told();
  expect(first.isWritten).toBe(false);
  first.write();
  const next = script(memory);
  expect(next.isWritten).toBe(true);
  expect(toldByNext(memory)).toBe("one");
});

test("nothing is taken over of one that has written nothing, or loaded nothing", () => {
  const memory = newCodeMemory();
  const first = script(memory);
  first.write();
  expect(first.exports.told()).toBe("one");
  expect(toldByNext(memory)).toBe("two");
});

test("what finds no room is not written, and the next compiles for itself", () => {
  const memory = newCodeMemory(256);
  const first = script(memory);
  first.exports.told();
  first.write();
  expect(first.isWritten).toBe(false);
  expect(toldByNext(memory)).toBe("two");
});

test("code that V8 cannot make use of is compiled anew", () => {
  const memory = newCodeMemory();
  const first = script(memory);
  first.exports.told();
  first.write();
  new Uint8Array(memory, 64, 16).fill(0xff);
  expect(toldByNext(memory)).toBe("two");
});

test("only the first to write does so, also where it has died over it", () => {
  const memory = newCodeMemory();
  new Int32Array(memory)[0] = 1;
  const other = script(memory);
  other.exports.told();
  other.write();
  expect(other.isWritten).toBe(false);
  expect(toldByNext(memory)).toBe("two");
});
