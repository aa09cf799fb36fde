import { PassThrough, Readable, Transform, type TransformCallback, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, gzipSync } from "node:zlib";
import { beforeEach, expect, test } from "vitest";
import { check, type Observation, observe } from "./observation.ts";
import { quickSink, slowSink, stuckSink } from "./parts.ts";
import { VirtualTime } from "./virtual-time.ts";

let time: VirtualTime;
let observed: Observation;
beforeEach(() => {
  time = new VirtualTime();
  observed = observe(time.clock);
});

const ITEMS = 10;
const rows = (count = ITEMS) => Readable.from(Array.from({ length: count }, (_, i) => i));
const small = { objectMode: true, highWaterMark: 1 };
const stage = () => observed.stages().find(({ role }) => role === "stage");

const waiting = (costMs: number) =>
  new Transform({
    ...small,
    transform: (chunk, _, callback) => {
      time.wait(costMs).then(() => callback(null, chunk));
    },
  });

test("a transform is self while it works, however long its output makes it wait", async () => {
  await time.until(pipeline(rows(), waiting(3), slowSink(time, 10)));
  check(stage(), { units: 10, arrived: 10, items: 10, emitted: 10, errors: 0, dropped: 0 });
  expect(stage()?.ms.self).toBe(30);
  expect(stage()?.ms.blocked).toBeGreaterThan(50);
});

test("a transform that is faster than its source starves and is never blocked", async () => {
  const slow = new Readable({
    ...small,
    read: function (this: Readable) {
      time.wait(9).then(() => this.push({}));
    },
  });
  slow.pipe(waiting(2)).pipe(quickSink(time));
  await time.pass(93);
  check(stage(), { items: 10, ms: { self: 20, starved: 73 } });
});

test("a transform whose output has no room is blocked until it has, and starved from then on", async () => {
  const decode = waiting(1);
  const finish: (() => void)[] = [];
  const sink = new Writable({ ...small, write: (_chunk, _encoding, callback) => void finish.push(callback) });
  const source = new Readable({ objectMode: true, read() {} });
  source.pipe(decode).pipe(sink);
  for (let i = 0; i < 2; i++) source.push({});
  // One chunk is at work in the sink, and one fills our buffer.
  await time.pass(20);
  expect(stage()?.workers).toEqual({ blocked: 1 });
  finish.shift()?.();
  await time.pass(5);
  check(stage(), { items: 2, workers: { starved: 1 } });
});

test("what the next stage does within push is not the transform's own time", async () => {
  const parse = new Transform({
    objectMode: true,
    transform(_chunk, _encoding, callback) {
      for (let i = 0; i < 3; i++) {
        time.spin(1);
        this.push({});
      }
      callback();
    },
  });
  await time.until(pipeline(rows(), parse, quickSink(time, 5)));
  check(stage(), { items: 10, emitted: 30, ms: { self: 30, blocked: 150 }, heldMs: 30 });
  check(observed.stage("store"), { items: 30, ms: { self: 150, starved: 30 }, heldMs: 150 });
});

test("a transform that gathers chunks passes on what its flush makes", async () => {
  const gather = new Transform({
    objectMode: true,
    transform: (_chunk, _encoding, callback) => callback(),
    flush: (callback) => {
      time.wait(4).then(() => callback(null, "all"));
    },
  });
  await time.until(pipeline(rows(), gather, quickSink(time)));
  check(stage(), { arrived: 10, items: 10, emitted: 1, ms: { self: 4 }, workers: {} });
});

test("a transform that is still being opened is self", async () => {
  const connect = new Transform({
    ...small,
    construct: (callback) => void time.wait(6).then(() => callback()),
    transform: (chunk, _, callback) => callback(null, chunk),
  });
  await time.until(pipeline(rows(), connect, quickSink(time)));
  check(stage(), { items: 10, ms: { self: 6 } });
});

test("the last transform of a chain waits for whoever reads it", async () => {
  const decode = rows().pipe(waiting(1));
  const drain = async () => {
    for await (const _ of decode) await time.wait(10);
  };
  await time.until(drain());
  check(stage(), { items: 10, emitted: 10, workers: {} });
  expect(stage()?.ms).toMatchObject({ self: 10 });
  expect(stage()?.ms.blocked).toBeGreaterThan(50);
});

test("the last transform of a chain that is read as it comes is not blocked", async () => {
  const seen: unknown[] = [];
  rows()
    .pipe(waiting(2))
    .on("data", (chunk) => seen.push(chunk));
  await time.pass(50);
  expect(seen).toHaveLength(ITEMS);
  expect(stage()?.ms).toEqual({ self: 20 });
});

test("a transform that is written by hand starves while nobody writes", async () => {
  const head = waiting(2);
  head.pipe(quickSink(time));
  await time.pass(5);
  head.write({});
  await time.pass(5);
  check(stage(), { arrived: 1, items: 1, ms: { self: 2, starved: 8 }, workers: { starved: 1 } });
});

test("a transform that threw at whoever wrote to it is not at work any more", async () => {
  const head = new Transform({
    transform: () => {
      throw new Error("bad row");
    },
  });
  head.pipe(quickSink(time));
  expect(() => head.write("a")).toThrow("bad row");
  await time.pass(5);
  check(stage(), { arrived: 1, errors: 1, ms: { starved: 5 }, workers: { starved: 1 } });
});

test("a gunzip whose output has no room is blocked, not at work on its chunk", async () => {
  const gunzip = createGunzip();
  Readable.from([gzipSync(Buffer.alloc(2 ** 21))])
    .pipe(gunzip)
    .pipe(stuckSink({ objectMode: false }));
  await time.settleUntil(() => observed.stage("gunzip").workers.blocked === 1);
  await time.pass(100);
  check(observed.stage("gunzip"), { arrived: 1, items: 0, workers: { blocked: 1 } });
  expect(observed.stage("gunzip").ms.blocked).toBeGreaterThanOrEqual(100);
});

test("a gunzip that has room again is at work from then on", async () => {
  const finish: (() => void)[] = [];
  const gunzip = createGunzip();
  const sink = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, callback) => void finish.push(callback) });
  Readable.from([gzipSync(Buffer.alloc(2 ** 21))])
    .pipe(gunzip)
    .pipe(sink);
  await time.settleUntil(() => observed.stage("gunzip").workers.blocked === 1);
  finish.shift()?.();
  // Its result cannot come before the event loop turns.
  for (let tick = 0; tick < 20; tick++) await new Promise<void>((resolve) => process.nextTick(resolve));
  expect(observed.stage("gunzip").workers).toEqual({ self: 1 });
  await time.settleUntil(() => observed.stage("gunzip").workers.blocked === 1);
});

test("a gunzip gets through a chunk that fills its output many times", async () => {
  const gunzip = createGunzip();
  const sink = slowSink(time, 10, { objectMode: false });
  await time.until(pipeline(Readable.from([gzipSync(Buffer.alloc(2 ** 20))]), gunzip, sink));
  check(observed.stage("gunzip"), { arrived: 1, items: 1, emitted: 64, workers: {} });
});

const endings: readonly (readonly [string, () => Transform, object])[] = [
  [
    "an error by callback",
    () => new Transform({ ...small, transform: (_c, _e, callback) => callback(new Error("bad row")) }),
    { arrived: 1, items: 0, errors: 1, dropped: 0 },
  ],
  [
    "a throw",
    () =>
      new Transform({
        ...small,
        transform: () => {
          throw new Error("bad row");
        },
      }),
    { arrived: 1, items: 0, errors: 1, dropped: 0 },
  ],
  [
    "a throw of nothing",
    () =>
      new Transform({
        ...small,
        transform: () => {
          // biome-ignore lint/style/useThrowOnlyError: applications do
          throw null;
        },
      }),
    { arrived: 1, items: 0, errors: 1, dropped: 0 },
  ],
  [
    "a destroy in the middle, though its callback comes later",
    () =>
      new Transform({
        ...small,
        transform(chunk, _, callback) {
          this.destroy(new Error("bad row"));
          time.wait(5).then(() => callback(null, chunk));
        },
      }),
    { arrived: 1, items: 0, errors: 0, dropped: 1 },
  ],
  [
    "a callback that comes twice",
    () =>
      new Transform({
        ...small,
        transform: (chunk, _, callback) => {
          callback(null, chunk);
          callback(null, chunk);
        },
      }),
    { arrived: 1, items: 1, errors: 0, dropped: 0 },
  ],
];
test.for(endings)("after %s, each arrival has one end", async ([, make, expected]) => {
  await time.until(pipeline(rows(), make(), quickSink(time)).catch(() => {}));
  await time.pass(10);
  check(stage(), { ...expected, workers: {} });
});

test("a chunk that a transform hands to itself in parts is one item", async () => {
  class Split extends Transform {
    override _transform(chunk: number, encoding: BufferEncoding, callback: TransformCallback): void {
      if (chunk < 10) time.wait(2).then(() => callback(null, chunk));
      else this._transform(chunk / 10, encoding, () => this._transform(chunk % 10, encoding, callback));
    }
  }
  await time.until(pipeline(Readable.from([42, 7]), new Split(small), quickSink(time)));
  check(observed.stage("split"), { units: 2, arrived: 2, items: 2, emitted: 2, ms: { self: 6 } });
});

test("a transform that replaces _write is counted by it", async () => {
  class Odd extends Transform {
    override _write(chunk: unknown, _: BufferEncoding, callback: () => void): void {
      time.spin(2);
      this.push(chunk);
      callback();
    }
  }
  await time.until(pipeline(rows(), new Odd({ objectMode: true }), quickSink(time)));
  check(observed.stage("odd"), { arrived: 10, items: 10, emitted: 10, ms: { self: 20 } });
});

test("a transform that takes waiting chunks together counts each of them", async () => {
  const finish: (() => void)[] = [];
  class Together extends Transform {
    override _write(_chunk: unknown, _: BufferEncoding, callback: () => void): void {
      finish.push(callback);
    }
    override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], callback: () => void): void {
      const next = (): void => {
        const one = chunks.shift();
        if (one === undefined) callback();
        else this._transform(one.chunk, one.encoding, next);
      };
      next();
    }
    override _transform(chunk: unknown, _: BufferEncoding, callback: TransformCallback): void {
      this.push(chunk);
      time.wait(3).then(() => callback());
    }
  }
  const together = new Together({ objectMode: true });
  together.pipe(quickSink(time));
  for (let i = 0; i < 5; i++) together.write({});
  await time.settle();
  finish[0]?.();
  await time.pass(20);
  check(observed.stage("together"), { units: 2, arrived: 5, items: 5, emitted: 4 });
  expect(observed.stage("together").ms).toEqual({ self: 12, starved: 8 });
});

test("a transform that ends its output early is done with the chunk that it was at", async () => {
  const take = new Transform({
    objectMode: true,
    transform(chunk, _, callback) {
      this.push(chunk);
      this.push(null);
      callback();
    },
  });
  rows(1).pipe(take).pipe(quickSink(time));
  await time.pass(5);
  check(stage(), { arrived: 1, items: 1, errors: 0, dropped: 0, emitted: 1 });
});

test("a transform that has ended its output is in no state any more, though it is never destroyed", async () => {
  const decode = new PassThrough({ objectMode: true, autoDestroy: false });
  rows().pipe(decode).pipe(quickSink(time));
  await time.pass(5);
  expect(decode).toMatchObject({ destroyed: false, readableEnded: true });
  check(stage(), { items: 10, workers: {} });
});

test("a PassThrough counts what goes through, and costs nothing of its own", async () => {
  await time.until(pipeline(rows(), new PassThrough({ objectMode: true }), quickSink(time, 3)));
  check(stage(), { arrived: 10, items: 10, emitted: 10, ms: { blocked: 30 } });
});
