import { createReadStream, createWriteStream, ReadStream, readFileSync } from "node:fs";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { devNull } from "node:os";
import { Duplex, Readable, Transform, Writable } from "node:stream";
import { createGzip } from "node:zlib";
import { beforeEach, expect, test } from "vitest";
import { isNative } from "../src/native-stream.ts";
import { type Observation, observe } from "./observation.ts";
import { VirtualTime } from "./virtual-time.ts";

class OwnFile extends ReadStream {}
class OwnReading extends ReadStream {
  override _read(size: number): void {
    super._read(size);
  }
}
/** As a package does that puts its own class into the place of Node's. */
function Patched(): void {}
Patched.prototype = Object.create(ReadStream.prototype, { constructor: { value: Patched } });

/** A class that is called as objects call a method of theirs. */
class Inherited extends Readable {
  static override readonly name = "toString";
  override _read(): void {}
}

const read = () => {};
const cases: readonly (readonly [string, object, string, boolean])[] = [
  ["a file that is read", createReadStream(devNull), "_read", true],
  ["a file of a class of the application's", Reflect.construct(OwnFile, [devNull, {}]), "_read", true],
  ["a file of a class in the place of Node's", Object.create(Patched.prototype), "_read", true],
  ["a file whose class reads by itself", Reflect.construct(OwnReading, [devNull, {}]), "_read", false],
  ["a file that is written", createWriteStream(devNull), "_write", true],
  ["a socket that is read", new Socket(), "_read", true],
  ["a socket that is written", new Socket(), "_write", true],
  ["a request", new IncomingMessage(new Socket()), "_read", true],
  ["zlib", createGzip(), "_transform", true],
  ["a stream with a function of the application's", new Readable({ read }), "_read", false],
  ["a generator", Readable.from([1]), "_read", false],
  ["a transform of the application's", new Transform(), "_transform", false],
  ["a sink of the application's", new Writable({ write: read }), "_write", false],
  ["both ends of the application's", new Duplex({ read, write: read }), "_read", false],
  [
    "a class that has but the name",
    new (class ReadStream extends Readable {
      override _read(): void {}
    })(),
    "_read",
    false,
  ],
  ["a class that is called as objects call a method", new Inherited(), "_read", false],
  ["something without the method", {}, "_read", false],
];
test.for(cases)("%s", ([, stream, method, expected]) => {
  expect(isNative(stream, method)).toBe(expected);
});

let time: VirtualTime;
let observed: Observation;
beforeEach(() => {
  time = new VirtualTime();
  observed = observe(time.clock);
});

/** Code that no stage runs holds the loop for 5 ms in each of some turns, while a stage waits for its input. */
async function beside(from: Readable): Promise<number> {
  let isOver = false;
  from.pipe(new Writable({ write: (_chunk, _encoding, done) => done(), final: () => (isOver = true) }));
  await time.settleUntil(() => {
    time.spin(5);
    return isOver;
  });
  return observed.stages().find(({ role }) => role === "source")?.heldMs ?? Number.NaN;
}

const HERE = import.meta.filename;

test("a file that is read is not charged with code that no stage is seen to run", async () => {
  expect(await beside(createReadStream(HERE, { highWaterMark: 500 }))).toBe(0);
});

test("a source of the application's is, since the code may be its", async () => {
  let left = 5;
  const later = function (this: Readable): void {
    setImmediate(() => this.push(left-- === 0 ? null : readFileSync(HERE)));
  };
  expect(await beside(new Readable({ read: later }))).toBeGreaterThan(5);
});
