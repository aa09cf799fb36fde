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
const telling = (word: "one" | "two" | "six") =>
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
  expect(first.written).toBe(0);
  first.write(1);
  const next = script(memory);
  expect(next.written).toBe(1);
  expect(toldByNext(memory)).toBe("one");
});

test("what was written last is taken over, and what was written before stays as it was for who reads it", () => {
  const memory = newCodeMemory();
  const first = script(memory);
  first.exports.told();
  first.write(1);
  const [, , at, length] = new Int32Array(memory, 0, 4) as unknown as [number, number, number, number];
  const spoilt = new Uint8Array(memory, at, length).fill(0xff).slice();
  writeFileSync(file, telling("two"));
  const second = script(memory);
  second.exports.told();
  second.write(2);
  // Not a text that V8 has compiled in this thread.
  writeFileSync(file, telling("six"));
  const next = script(memory);
  expect([next.exports.told(), next.written]).toEqual(["two", 2]);
  expect(new Uint8Array(memory, at, length)).toEqual(spoilt);
});

test("of threads that begin together the first writes, and nobody once more but who has more to hand on", () => {
  const memory = newCodeMemory();
  const [first, other] = [script(memory), script(memory)];
  for (const one of [first, other]) one.exports.told();
  const words = () => [...new Int32Array(memory, 0, 6)];
  first.write(1);
  const once = words();
  other.write(1);
  expect(words()).toEqual(once);
  first.write(2);
  const twice = words();
  other.write(2);
  expect(words()).toEqual(twice);
  expect([once[1], twice[1]]).toEqual([1, 2]);
});

test("nothing is taken over of one that has written nothing, or loaded nothing", () => {
  const memory = newCodeMemory();
  const first = script(memory);
  first.write(1);
  expect(first.exports.told()).toBe("one");
  expect(toldByNext(memory)).toBe("two");
});

test("what finds no room is not written, and the next compiles for itself", () => {
  const memory = newCodeMemory(256);
  const first = script(memory);
  first.exports.told();
  first.write(1);
  expect(first.written).toBe(0);
  expect(toldByNext(memory)).toBe("two");
});

test("code that V8 cannot make use of is compiled anew", () => {
  const memory = newCodeMemory();
  const first = script(memory);
  first.exports.told();
  first.write(1);
  new Uint8Array(memory, 64, 16).fill(0xff);
  expect(toldByNext(memory)).toBe("two");
});

test("only the first to write does so, also where it has died over it", () => {
  const memory = newCodeMemory();
  new Int32Array(memory)[0] = 1;
  const other = script(memory);
  other.exports.told();
  other.write(1);
  expect(other.written).toBe(0);
  expect(toldByNext(memory)).toBe("two");
});
