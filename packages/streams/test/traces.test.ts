import { Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { openPipeline, type SpanRecord } from "@pinchpoint/probe";
import { beforeEach, expect, test } from "vitest";
import { family, keepSpans } from "./kept-spans.ts";
import { type Observation, observe } from "./observation.ts";
import { VirtualTime } from "./virtual-time.ts";

let time: VirtualTime;
let observed: Observation;
let records: readonly SpanRecord[];
beforeEach(() => {
  time = new VirtualTime();
  observed = observe(time.clock);
  records = keepSpans(observed.recorder);
});

interface Item {
  readonly at: number;
}
type Items<T> = AsyncIterable<T> | Iterable<T>;

/** Items that come so far apart; the first one at once. */
const reading = <T>(items: readonly T[], apartMs: number) => {
  const left = [...items];
  return new Readable({
    objectMode: true,
    highWaterMark: 1,
    read: function load(this: Readable) {
      time.wait(apartMs).then(() => this.push(left.shift() ?? null));
    },
  });
};
const decoding = (costMs: number) =>
  new Transform({
    objectMode: true,
    highWaterMark: 1,
    transform: function decode(chunk, _encoding, callback) {
      time.wait(costMs).then(() => callback(null, typeof chunk === "object" ? { ...chunk } : chunk));
    },
  });
const storing = () =>
  new Writable({
    objectMode: true,
    highWaterMark: 1,
    write: function store(_chunk, _encoding, callback) {
      time.wait(1).then(() => callback());
    },
  });

async function* score(items: Items<Item>) {
  for await (const item of items) {
    await time.wait(1);
    yield { ...item };
  }
}
async function sum(items: Items<Item>) {
  for await (const _ of items) await time.wait(1);
}
const objects = (count: number): Item[] => Array.from({ length: count }, (_, at) => ({ at }));
const texts = (count: number): string[] => Array.from({ length: count }, (_, at) => `line ${at}`);

/** The families of all traces, each trace by itself. */
function traces(): readonly (readonly string[])[] {
  return Object.values(Object.groupBy(records, ({ traceId }) => traceId)).map((trace = []) => family(trace));
}

test("an object's trace goes on from its source through a transform to its sink", async () => {
  await time.until(pipeline(reading(objects(3), 10), decoding(2), storing()));
  expect(traces()).toEqual(Array(3).fill(["decode < load", "load", "store < decode"]));
  const attributes = { "pinchpoint.pipeline.name": "test", "pinchpoint.stage.name": "decode", "pinchpoint.items": 1 };
  const [decode] = records.filter(({ name }) => name === "decode");
  expect(decode).toMatchObject({ attributes, outcome: "ok" });
  expect((decode?.endMs ?? 0) - (decode?.startMs ?? 0)).toBe(2);
  expect(observed.losses).toEqual({});
});

test("an object's trace goes on through functions", async () => {
  async function* read() {
    for (const item of objects(3)) {
      await time.wait(10);
      yield item;
    }
  }
  await time.until(pipeline(read, score, sum));
  expect(traces()).toEqual(Array(3).fill(["read", "score < read", "sum < score"]));
  const lengths = records.map(({ name, startMs, endMs }) => `${name} ${endMs - startMs}`);
  expect([...new Set(lengths)].sort()).toEqual(["read 10", "score 1", "sum 1"]);
});

test("an object's trace goes on from streams to functions and back", async () => {
  await time.until(pipeline(reading(objects(2), 10), score, decoding(1), storing()));
  expect(traces()).toEqual(Array(2).fill(["decode < score", "load", "score < load", "store < decode"]));
});

test("of an item whose source has not begun a trace there is none further on", async () => {
  async function* read() {
    for (const item of objects(50)) {
      time.spin(1);
      yield item;
    }
  }
  const stored: number[] = [];
  async function keep(items: Items<Item>) {
    for await (const { at } of items) stored.push(at);
  }
  await time.until(pipeline(read, score, keep));
  expect(stored).toHaveLength(50);
  // Each takes 2 ms, and a source begins a trace in 10 ms.
  expect(traces()).toEqual(Array(10).fill(["keep < score", "read", "score < read"]));
});

test("what cannot carry a trace has that of its source alone", async () => {
  await time.until(pipeline(reading(texts(3), 10), decoding(1), storing()));
  expect(traces()).toEqual(Array(3).fill(["load"]));
});

/** Pipes within a hand-over of a stage by hand, as a request is. */
function withinRequest<T>(run: () => Promise<T>, parent?: string): Promise<T> {
  const request = openPipeline(observed.recorder, "test").stage("request");
  return time.until(request.run(run, parent === undefined ? {} : { parent }));
}

test("chunks of a stream that was joined within a request are of its trace, at most so many a second", async () => {
  await withinRequest(() => pipeline(reading(texts(20), 3), decoding(1), storing()));
  expect(traces()).toHaveLength(1);
  const counts = Map.groupBy(family(records), (line) => line);
  expect([...counts.keys()]).toEqual(["decode < request", "load < request", "request", "store < request"]);
  // 60 ms and some.
  for (const name of ["decode", "load", "store"]) {
    const count = counts.get(`${name} < request`)?.length ?? 0;
    expect(count).toBeGreaterThanOrEqual(5);
    expect(count).toBeLessThanOrEqual(7);
  }
});

test("objects of a stream that was joined within a request go on with the trace within it", async () => {
  await withinRequest(() => pipeline(reading(objects(2), 10), decoding(1), storing()));
  expect(family(records)).toEqual([
    ...Array(2).fill("decode < load"),
    ...Array(2).fill("load < request"),
    "request",
    ...Array(2).fill("store < decode"),
  ]);
});

test("within a request of which no trace is kept, there is none of its streams", async () => {
  const parent = `00-${"1".repeat(32)}-${"2".repeat(16)}-00`;
  await withinRequest(() => pipeline(reading(objects(3), 10), decoding(1), storing()), parent);
  expect(records).toEqual([]);
});

test("a transform that fails, and what its stream is destroyed with, end so", async () => {
  const decode = new Transform({
    objectMode: true,
    transform: function decode({ at }: Item, _encoding, callback) {
      callback(at === 1 ? new Error("mine") : null, {});
    },
  });
  const stuck = new Writable({ objectMode: true, write: function store() {} });
  await expect(time.until(pipeline(reading(objects(3), 10), decode, stuck))).rejects.toThrow("mine");
  expect(records.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    "load ok",
    "decode ok",
    "load ok",
    "decode failed",
    "store unknown",
  ]);
});

test("several chunks that a sink takes at once go on with the first one's trace", async () => {
  const taken: number[] = [];
  const sink = new Writable({
    objectMode: true,
    writev: function store(chunks, callback) {
      taken.push(chunks.length);
      time.wait(25).then(() => callback());
    },
  });
  await time.until(pipeline(reading(objects(4), 10), sink));
  const stores = records.filter(({ name }) => name === "store");
  expect(stores.map(({ attributes }) => attributes["pinchpoint.items"])).toEqual(taken);
  expect(Math.max(...taken)).toBeGreaterThan(1);
  const reads = records.filter(({ name }) => name === "load");
  const firsts = taken.map((_, index) => taken.slice(0, index).reduce((before, count) => before + count, 0));
  expect(stores.map(({ parentSpanId }) => parentSpanId)).toEqual(firsts.map((first) => reads[first]?.spanId));
});

test("what a hand-over begins after an await is of its trace, also in a stream that has been quick so far", async () => {
  const row = openPipeline(observed.recorder, "test").stage("row");
  const source = new Readable({ objectMode: true, read: function load() {} });
  const sink = new Writable({
    objectMode: true,
    write: function store({ at }: Item, _encoding, callback) {
      if (at < 150) return callback();
      time.wait(1).then(() => {
        row.run(() => {});
        callback();
      });
    },
  });
  const piped = pipeline(source, sink);
  await time.settle();
  for (const item of objects(150)) source.push(item);
  await time.pass(20);
  // What a source pushes next it has worked on since its last item.
  source.push({ at: -1 });
  await time.pass(20);
  const before = records.length;
  source.push({ at: 150 });
  source.push(null);
  await time.until(piped);
  expect(before).toBe(2);
  expect(family(records.slice(before))).toEqual(["load", "row < store", "store < load"]);
});

test("where spans are kept, the numbers are the same as where they are not", async () => {
  const numbers = async (isTraced: boolean) => {
    time = new VirtualTime();
    const one = observe(time.clock);
    if (isTraced) keepSpans(one.recorder);
    await time.until(pipeline(reading(objects(20), 4), decoding(2), score, storing()));
    one.attachment.detach();
    return one.stages();
  };
  observed.attachment.detach();
  expect(await numbers(true)).toEqual(await numbers(false));
});
