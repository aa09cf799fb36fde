import { createReadStream } from "node:fs";
import { Socket } from "node:net";
import { devNull } from "node:os";
import { Duplex, PassThrough, Readable, Transform, type TransformCallback, Writable } from "node:stream";
import { createGzip } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kebabCase, kindOf, nameOf } from "../src/stage-name.ts";

class DecodeFlights extends Transform {}
class Strange extends Transform {
  static override readonly name: string = "  Load\n\u001b[31mRows/2 ";
}
class Nameless extends Writable {
  static override readonly name: string = "";
}
class Long extends Writable {
  static override readonly name: string = "x".repeat(500);
}
function cleanRows(_chunk: unknown, _: BufferEncoding, callback: TransformCallback): void {
  callback();
}

const named: readonly (readonly [string, () => object, string | null])[] = [
  ["a class", () => new DecodeFlights(), "decode-flights"],
  ["a function", () => new Transform({ transform: cleanRows }), "clean-rows"],
  ["a bound function", () => new Transform({ transform: cleanRows.bind(null) }), "clean-rows"],
  ["a function under another option", () => new Writable({ writev: cleanRows as never }), "clean-rows"],
  [
    "an option's own method",
    () =>
      new Transform({
        transform(_c, _e, callback) {
          callback();
        },
      }),
    null,
  ],
  ["an arrow function", () => new Writable({ write: (_c, _e, callback) => callback() }), null],
  ["a plain PassThrough", () => new PassThrough(), null],
  ["a generator", () => Readable.from([1]), null],
  ["a class that a minifier renamed", () => new ({ a: class a extends Transform {} }).a(), null],
  ["a class with a strange name", () => new Strange(), "load-[31m-rows/2"],
  ["a class without a name", () => new Nameless(), null],
  ["a class with an endless name", () => new Long(), "x".repeat(60)],
  ["a file", () => createReadStream(devNull), "read-stream"],
  ["a compressor", () => createGzip(), "gzip"],
  ["a socket", () => new Socket(), "socket"],
  ["standard output", () => process.stdout, "stdout"],
  ["standard error", () => process.stderr, "stderr"],
  ["standard input read as a file", () => createReadStream("", { fd: 0, autoClose: false }), "stdin"],
];
test.for(named)("%s", ([, make, name]) => {
  expect(nameOf(make())).toBe(name);
});

const kinds: readonly (readonly [object, string])[] = [
  [new PassThrough(), "pass-through"],
  [new DecodeFlights(), "transform"],
  [new Duplex(), "duplex"],
  [new Readable(), "readable"],
  [new Nameless(), "writable"],
  [{}, "stream"],
];
test.for(kinds)("the kind of %o is %s", ([stream, kind]) => {
  expect(kindOf(stream)).toBe(kind);
});

describe("names in kebab case", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["DecodeFlights", "decode-flights"],
    ["decodeFlights", "decode-flights"],
    ["decode_flights", "decode-flights"],
    ["GZip2JSON", "g-zip2-json"],
    ["JSONLines", "json-lines"],
    ["ÜberTräger", "über-träger"],
    ["$decode", "$decode"],
    ["", ""],
  ];
  test.for(cases)("%s is %s", ([name, expected]) => {
    expect(kebabCase(name)).toBe(expected);
  });

  test("a letter of another script changes nothing of what is around it", () => {
    const words = fc.stringMatching(/^[A-Za-z0-9_ $.]{0,30}$/);
    const property = fc.property(words, (name) => {
      const alone = kebabCase(name);
      expect(kebabCase(`${name} é`)).toBe(alone === "" ? "é" : `${alone}-é`);
    });
    fc.assert(property, { seed: 5 });
  });
});
