import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { beforeEach, describe, expect, test } from "vitest";
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
const small = { objectMode: true, highWaterMark: 1 };
const source = () => observed.stages().find(({ role }) => role === "source");

/** Reads `count` chunks, each by a call of `_read` that waits for it. */
class Rows extends Readable {
  #left: number;
  readonly #costMs: number;

  constructor(count: number, costMs: number) {
    super(small);
    this.#left = count;
    this.#costMs = costMs;
  }

  override _read(): void {
    if (this.#left-- === 0) this.push(null);
    else time.wait(this.#costMs).then(() => this.push({}));
  }
}

test("a source that waits for its data is self, and what is not its own time is blocked", async () => {
  await time.until(pipeline(new Rows(ITEMS, 3), slowSink(time, 10)));
  // The sink takes its first chunk after 3 ms and its tenth after nine times 10 more; then the source is asked last.
  check(source(), { units: 10, arrived: 10, items: 10, emitted: 10, ms: { self: 30, blocked: 63 } });
});

test("a source is never blocked by a sink that keeps up", async () => {
  await time.until(pipeline(new Rows(ITEMS, 3), quickSink(time)));
  expect(source()?.ms).toEqual({ self: 30 });
});

test("a source that works on the thread is blocked while the sink does", async () => {
  let left = ITEMS;
  const read = function (this: Readable) {
    time.spin(3);
    this.push(left-- === 0 ? null : {});
  };
  await time.until(pipeline(new Readable({ ...small, read }), quickSink(time, 4)));
  // It finds out that it has ended before the sink works on the last chunk.
  check(source(), { items: 10, ms: { self: 33, blocked: 36 }, heldMs: 33 });
});

test("a source that makes several chunks in one _read is self until it returns, room or not", async () => {
  const read = function (this: Readable) {
    for (let i = 0; i < 5; i++) {
      time.spin(2);
      this.push({});
    }
    time.spin(1);
  };
  new Readable({ ...small, read }).pipe(stuckSink());
  await time.settle();
  // The buffer of one has no room from the first chunk on; the sink's own buffer of one asks for nothing more.
  check(source(), { items: 5, ms: { self: 11 }, workers: { blocked: 1 } });
});

test("a source that is pushed into from outside is self while it is asked, and blocked from the push without room", async () => {
  const rows = new Readable({ ...small, read: () => {} });
  rows.pipe(stuckSink());
  await time.pass(7);
  check(source(), { ms: { self: 7 }, workers: { self: 1 } });
  // One for the sink, one for its buffer, one for ours.
  for (let i = 0; i < 3; i++) rows.push({});
  await time.pass(5);
  check(source(), { items: 3, ms: { self: 7, blocked: 5 }, workers: { blocked: 1 } });
});

test("an async generator is self while it computes between two chunks, though Node has not asked again", async () => {
  async function* rows() {
    for (let i = 0; i < ITEMS; i++) {
      time.spin(8);
      yield i;
    }
  }
  await time.until(pipeline(Readable.from(rows()), quickSink(time, 2)));
  check(source(), { items: 10, ms: { self: 80, blocked: 20 } });
});

test("an async generator that waits is self", async () => {
  async function* rows() {
    for (let i = 0; i < ITEMS; i++) {
      await time.wait(8);
      yield i;
    }
  }
  await time.until(pipeline(Readable.from(rows()), quickSink(time, 2)));
  check(source(), { items: 10, ms: { self: 80, blocked: 20 } });
});

test("a generator is self while it computes", async () => {
  function* rows() {
    for (let i = 0; i < ITEMS; i++) {
      time.spin(8);
      yield i;
    }
  }
  await time.until(pipeline(Readable.from(rows()), quickSink(time, 2)));
  check(source(), { items: 10, ms: { self: 80, blocked: 18 } });
});

describe("a source whose push came back with room", () => {
  let rows: Readable;
  let other: Transform;
  beforeEach(async () => {
    rows = new Readable({ objectMode: true, read() {} });
    other = new Transform({
      objectMode: true,
      transform: (_chunk, _encoding, callback) => {
        time.spin(5);
        callback();
      },
    });
    rows.pipe(quickSink(time));
    other.pipe(quickSink(time));
    await time.settle();
  });

  test("is self while its own code goes on", () => {
    rows.push({});
    time.spin(3);
    check(source(), { ms: { self: 3 }, workers: { self: 1 } });
  });

  test("is blocked from when another stage begins until it is asked again", async () => {
    rows.push({});
    time.spin(3);
    other.write({});
    check(source(), { ms: { self: 3, blocked: 5 }, workers: { blocked: 1 } });
    await time.pass(2);
    check(source(), { ms: { self: 5, blocked: 5 }, workers: { self: 1 } });
  });

  test("stays self if it was asked meanwhile", () => {
    rows.on("data", () => rows.read(0));
    rows.push({});
    time.spin(3);
    other.write({});
    check(source(), { ms: { self: 8 }, workers: { self: 1 } });
  });
});

test("a source that has asked for data before it is piped begins as self", async () => {
  const rows = new Rows(1, 5);
  rows.read(0);
  rows.pipe(stuckSink());
  expect(source()?.workers).toEqual({ self: 1 });
});

test("a source that is still being opened is self", async () => {
  const rows = new Readable({ ...small, construct: (callback) => void time.wait(6).then(() => callback()), read() {} });
  rows.pipe(stuckSink());
  await time.pass(6);
  check(source(), { ms: { self: 6 }, workers: { self: 1 } });
});

test("a source that is destroyed is in no state any more", async () => {
  const rows = new Rows(ITEMS, 3);
  rows.pipe(stuckSink());
  await time.pass(2);
  rows.destroy();
  await time.pass(10);
  check(source(), { items: 0, ms: { self: 2 }, workers: {} });
});

test("a source that has ended is in no state any more, though it is never destroyed", async () => {
  const rows = new Readable({
    ...small,
    autoDestroy: false,
    read: function (this: Readable) {
      this.push(null);
    },
  });
  rows.pipe(quickSink(time));
  await time.pass(10);
  expect(rows.destroyed).toBe(false);
  expect(source()?.workers).toEqual({});
});

test("a _read that throws is one arrival that failed", async () => {
  const failure = new Error("no rows");
  const rows = new Readable({
    read: () => {
      throw failure;
    },
  });
  await expect(time.until(pipeline(rows, stuckSink()))).rejects.toBe(failure);
  check(source(), { arrived: 1, errors: 1, items: 0, workers: {} });
});

test("an empty chunk of bytes is no item", async () => {
  const chunks = [Buffer.from("a"), Buffer.alloc(0), "", "b", null];
  const rows = new Readable({
    read: function (this: Readable) {
      this.push(chunks.shift());
    },
  });
  await time.until(pipeline(rows, quickSink(time, 0, { objectMode: false })));
  check(source(), { arrived: 2, items: 2, emitted: 2 });
});

test("durations are those of the work, without the time that the source was blocked", async () => {
  await time.until(pipeline(new Rows(ITEMS, 3), slowSink(time, 10)));
  const row = observed.recorder.snapshot().stageRows.find(({ stage }) => stage === 0);
  expect(row?.duration.sumSeconds).toBeCloseTo(0.03, 9);
});
