import { Duplex, Readable, Writable, type WritableOptions } from "node:stream";
import { pipeline } from "node:stream/promises";
import { beforeEach, expect, test } from "vitest";
import { check, type Observation, observe } from "./observation.ts";
import { VirtualTime } from "./virtual-time.ts";

let time: VirtualTime;
let observed: Observation;
beforeEach(() => {
  time = new VirtualTime();
  observed = observe(time.clock);
});

const rows = (count = 10) => Readable.from(Array.from({ length: count }, (_, i) => i));
const object = { objectMode: true };
const sink = () => observed.stages().find(({ role }) => role === "sink");

test("a sink is self from each write to its callback, and starved in between", async () => {
  let left = 10;
  const slow = new Readable({
    ...object,
    read: function (this: Readable) {
      time.wait(9).then(() => this.push(left-- === 0 ? null : {}));
    },
  });
  const write: WritableOptions["write"] = (_chunk, _encoding, callback) => void time.wait(4).then(() => callback());
  await time.until(pipeline(slow, new Writable({ ...object, write })));
  check(sink(), { units: 10, arrived: 10, items: 10, emitted: 0, ms: { self: 40, starved: 59 } });
});

test("chunks that waited together are one hand-over of several items", async () => {
  const batches: number[] = [];
  const store = new Writable({
    ...object,
    write: (_chunk, _encoding, callback) => void time.wait(4).then(() => callback()),
    writev: (chunks, callback) => {
      batches.push(chunks.length);
      time.wait(6).then(() => callback());
    },
  });
  await time.until(pipeline(rows(), store));
  expect(batches).toEqual([9]);
  check(sink(), { units: 2, arrived: 10, items: 10, ms: { self: 10 } });
});

test("a _writev that writes each chunk by itself counts each once", async () => {
  class Store extends Writable {
    override _write(_chunk: unknown, _: BufferEncoding, callback: () => void): void {
      time.wait(4).then(callback);
    }
    override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], callback: () => void): void {
      const next = (): void => {
        const one = chunks.shift();
        if (one === undefined) callback();
        else this._write(one.chunk, one.encoding, next);
      };
      next();
    }
  }
  await time.until(pipeline(rows(), new Store(object)));
  check(sink(), { name: "store", units: 2, arrived: 10, items: 10, ms: { self: 40 } });
});

test("opening and closing are the sink's own work", async () => {
  const store = new Writable({
    ...object,
    construct: (callback) => void time.wait(5).then(() => callback()),
    write: (_chunk, _encoding, callback) => callback(),
    final: (callback) => void time.wait(7).then(() => callback()),
  });
  await time.until(pipeline(rows(), store));
  check(sink(), { arrived: 10, items: 10, ms: { self: 12 }, workers: {} });
});

const endings: readonly (readonly [string, WritableOptions, object])[] = [
  ["an error by callback", { write: (_c, _e, callback) => callback(new Error("full")) }, { errors: 1 }],
  [
    "a throw",
    {
      write: () => {
        throw new Error("full");
      },
    },
    { errors: 1 },
  ],
  [
    "a destroy in the middle, though its callback comes later",
    {
      write(_chunk, _encoding, callback) {
        this.destroy(new Error("full"));
        time.wait(5).then(() => callback());
      },
    },
    { dropped: 1 },
  ],
  [
    "a callback that comes twice",
    {
      write: (_chunk, _encoding, callback) => {
        callback();
        callback();
      },
    },
    { items: 1 },
  ],
];
test.for(endings)("after %s, each arrival has one end", async ([, options, expected]) => {
  await time.until(pipeline(rows(), new Writable({ ...object, ...options })).catch(() => {}));
  await time.pass(10);
  check(sink(), { arrived: 1, items: 0, errors: 0, dropped: 0, ...expected, workers: {} });
});

const finals: readonly (readonly [string, number, WritableOptions])[] = [
  ["at once", 0, {}],
  ["after its last write", 4, {}],
  ["after closing", 0, { final: (callback) => callback() }],
];
test.for(finals)("a sink that finishes %s without being destroyed ends", async ([, costMs, options]) => {
  const store = new Writable({
    ...object,
    ...options,
    autoDestroy: false,
    write: (_chunk, _encoding, callback) => {
      if (costMs === 0) callback();
      else time.wait(costMs).then(() => callback());
    },
  });
  rows().pipe(store);
  await time.pass(100);
  expect(store).toMatchObject({ destroyed: false, writableFinished: true });
  check(sink(), { items: 10, workers: {} });
});

test("one end of a duplex ends without the other", async () => {
  const socket = new Duplex({ ...object, read() {}, write: (_chunk, _encoding, callback) => callback() });
  rows()
    .pipe(socket)
    .pipe(new Writable({ ...object, write: (_chunk, _encoding, callback) => callback() }));
  await time.pass(5);
  const ends = observed.stages().filter(({ name }) => name.startsWith("duplex"));
  expect(ends.map(({ role, items, workers }) => ({ role, items, workers }))).toEqual([
    { role: "sink", items: 10, workers: {} },
    { role: "source", items: 0, workers: { self: 1 } },
  ]);
});
