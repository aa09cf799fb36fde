import { EventEmitter } from "node:events";
import { PassThrough, pipeline as pipelineWithCallback, Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { USE } from "@pinchpoint/probe";
import { expect, test } from "vitest";
import { check, observe } from "./observation.ts";
import { VirtualTime } from "./virtual-time.ts";

type Items = AsyncIterable<number> | Iterable<number>;

/** What most tests pipe: numbers from 1 on. */
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const discard = () => new Writable({ objectMode: true, write: (_chunk, _encoding, callback) => callback() });

function observing() {
  const time = new VirtualTime();
  return { time, observed: observe(time.clock) };
}

test("functions that take turns have exactly the times that they took", async () => {
  const { time, observed } = observing();
  async function* read() {
    for (const item of upTo(10)) {
      await time.wait(2);
      yield item;
    }
  }
  async function* score(items: Items) {
    for await (const item of items) {
      await time.wait(5);
      yield item * 2;
    }
  }
  let sum = 0;
  async function store(items: Items) {
    for await (const item of items) {
      await time.wait(1);
      sum += item;
    }
  }
  await time.until(pipeline(read, score, store));
  expect(sum).toBe(110);
  check(observed.stage("read"), { role: "source", items: 10, emitted: 10, ms: { self: 20, blocked: 60 }, workers: {} });
  check(observed.stage("score"), {
    role: "stage",
    arrived: 10,
    items: 10,
    emitted: 10,
    ms: { self: 50, starved: 20, blocked: 10 },
    workers: {},
  });
  check(observed.stage("store"), { role: "sink", items: 10, ms: { self: 10, starved: 70 }, workers: {} });
  expect(observed.edges()).toEqual(["read > score", "score > store"]);
  expect(observed.losses).toEqual({});
});

test("what a function computes holds the event loop", async () => {
  const { time, observed } = observing();
  async function* score(items: Items) {
    for await (const item of items) {
      time.spin(5);
      yield item;
    }
  }
  await time.until(pipeline(upTo(4), score, discard()));
  check(observed.stage("score"), { items: 4, heldMs: 20 });
  expect(observed.stage("score").ms.self).toBe(20);
});

test("functions are joined to the streams before and after them", async () => {
  const { time, observed } = observing();
  class Read extends Readable {
    #count = 0;
    override _read(): void {
      this.#count += 1;
      this.push(this.#count > 3 ? null : this.#count);
    }
  }
  class Clean extends Transform {
    override _transform(item: number, _encoding: string, callback: (error: null, item: number) => void): void {
      callback(null, item);
    }
  }
  async function* double(items: Items) {
    for await (const item of items) yield item * 2;
  }
  const seen: number[] = [];
  async function store(items: Items) {
    for await (const item of items) seen.push(item);
  }
  const options = { objectMode: true, highWaterMark: 1 };
  await time.until(pipeline(new Read(options), new Clean(options), double, new PassThrough(options), store));
  expect(seen).toEqual([2, 4, 6]);
  const [through = ""] = observed.names().filter((name) => name.startsWith("pass-through@"));
  expect(observed.edges()).toEqual(
    ["read > clean", "clean > double", `double > ${through}`, `${through} > store`].sort(),
  );
  const names = ["read", "clean", "double", through, "store"];
  expect(names.map((name) => observed.stage(name).items)).toEqual([3, 3, 3, 3, 3]);
});

test("a filter and a fan-out have as many items as came in, and emit what goes out", async () => {
  const { time, observed } = observing();
  async function* even(items: Items) {
    for await (const item of items) if (item % 2 === 0) yield item;
  }
  async function* twice(items: Items) {
    for await (const item of items) {
      yield item;
      yield item;
    }
  }
  await time.until(pipeline(upTo(10), even, twice, discard()));
  check(observed.stage("even"), { arrived: 10, items: 10, emitted: 5 });
  check(observed.stage("twice"), { arrived: 5, items: 5, emitted: 10 });
});

test("what a function calls is charged to it, after an await too", async () => {
  const { time, observed } = observing();
  async function* score(items: Items) {
    for await (const item of items) {
      await null;
      const call = observed.recorder.beginCall(
        { name: "model:80", kind: "service", capacity: null },
        USE,
        time.clock.nowMs(),
      );
      await time.wait(7);
      call?.end(time.clock.nowMs());
      yield item;
    }
  }
  await time.until(pipeline(upTo(3), score, discard()));
  check(observed.stage("score"), { items: 3, ms: { use: 21 } });
  expect(observed.recorder.snapshot().resourceRows).toMatchObject([{ uses: 3 }]);
});

test("a function gets the stream that it was given, to do with it what it likes", async () => {
  const { time, observed } = observing();
  const source = Readable.from([Buffer.from("é").subarray(0, 1), Buffer.from("é").subarray(1)]);
  let given: unknown;
  let text = "";
  async function* decode(stream: Readable) {
    given = stream;
    stream.setEncoding("utf8");
    for await (const part of stream) yield part;
  }
  async function store(parts: AsyncIterable<string>) {
    for await (const part of parts) text += part;
  }
  await time.until(pipeline(source, decode, store));
  expect(given).toBe(source);
  expect(Object.getOwnPropertyDescriptor(source, Symbol.asyncIterator)?.enumerable).toBe(false);
  expect(text).toBe("é");
  expect(observed.stage("decode").items).toBeGreaterThan(0);
});

test("an array, a set and an iterator may be the source, and stay as they are", async () => {
  const { time, observed } = observing();
  const sources = [upTo(2), new Set(upTo(2)), upTo(2).values(), Readable.from(upTo(2)).iterator()];
  const keys = sources.map((source) => Reflect.ownKeys(source));
  for (const source of sources) {
    const seen: number[] = [];
    await time.until(
      pipeline(source as Iterable<number>, async (items: Items) => {
        for await (const item of items) seen.push(item);
      }),
    );
    expect(seen).toEqual([1, 2]);
  }
  expect(sources.slice(0, 2).map((source) => Reflect.ownKeys(source))).toEqual(keys.slice(0, 2));
  const [name = ""] = observed.names().filter((one) => one.startsWith("iterable@"));
  check(observed.stage(name), { role: "source", items: 8, workers: {} });
});

test("a generator that does not wait for anything may be the source", async () => {
  const { time, observed } = observing();
  function* count() {
    for (const item of upTo(3)) {
      time.spin(2);
      yield item;
    }
  }
  await time.until(pipeline(count, discard()));
  check(observed.stage("count"), { items: 3, ms: { self: 6 }, heldMs: 6, workers: {} });
});

test("an error is the application's own, and the item that it had has failed", async () => {
  const { time, observed } = observing();
  const failure = new Error("no model");
  async function* score(items: Items) {
    for await (const item of items) {
      if (item === 3) throw failure;
      yield item;
    }
  }
  await expect(time.until(pipeline(upTo(5), score, discard()))).rejects.toBe(failure);
  check(observed.stage("score"), { items: 2, errors: 1, emitted: 2, workers: {} });
  function refuse(): never {
    throw failure;
  }
  expect(() => pipelineWithCallback(refuse as unknown as () => Iterable<number>, discard(), () => {})).toThrow(failure);
  check(observed.stage("refuse"), { errors: 1, workers: {} });
});

test("a source that is left early is told so, and works no more", async () => {
  const { time, observed } = observing();
  let isTold = false;
  async function* read() {
    try {
      for (const item of upTo(100)) yield item;
    } finally {
      isTold = true;
    }
  }
  async function first(items: Items) {
    for await (const item of items) return item;
    return 0;
  }
  expect(await time.until(pipeline(read, first))).toBe(1);
  expect(isTold).toBe(true);
  expect(observed.stage("read").workers).toEqual({});
});

test("every form of the call is seen: callback, promisify, a list, options", async () => {
  const { time, observed } = observing();
  async function* read() {
    yield* upTo(2);
  }
  const signal = new AbortController().signal;
  await time.until(pipeline([read as unknown as NodeJS.ReadableStream, discard()]));
  await time.until(pipeline(read, discard(), { signal }));
  await time.until(promisify(pipelineWithCallback)(read, discard()));
  await time.until(new Promise((resolve) => void pipelineWithCallback(read, discard(), resolve)));
  const reads = observed.stages().filter(({ name }) => name.startsWith("read"));
  expect(reads.map(({ items }) => items)).toEqual([2, 2, 2, 2]);
});

test("a pipeline that is made again at the same place has the same stages", async () => {
  const { time, observed } = observing();
  for (let run = 0; run < 3; run++) {
    await time.until(
      pipeline(
        upTo(2),
        async function* (items: Items) {
          yield* items;
        },
        async (items: Items) => {
          for await (const _ of items);
        },
      ),
    );
  }
  const kinds = observed.stages().map(({ name, items }) => [name.replace(/@.*:\d+/, ""), items]);
  expect(kinds).toEqual([
    ["iterable", 6],
    ["function", 6],
    ["function#2", 6],
  ]);
});

test("both forms of pipeline are put back", () => {
  const forms = () => [pipeline, pipelineWithCallback, promisify(pipelineWithCallback)];
  const before = forms();
  const { observed } = observing();
  expect(forms()).not.toEqual(before);
  expect(forms().map(({ name, length }) => ({ name, length }))).toEqual(
    before.map(({ name, length }) => ({ name, length })),
  );
  expect(promisify(pipelineWithCallback)).toBe(pipeline);
  observed.attachment.detach();
  expect(forms()).toEqual(before);
});

test("a stream that does not extend Node's classes, and a web stream, are left to Node", async () => {
  const { time, observed } = observing();
  const prototype = Object.create(EventEmitter.prototype, Object.getOwnPropertyDescriptors(Readable.prototype));
  const foreign: Readable = Object.setPrototypeOf(Readable.from(upTo(2)), prototype);
  expect(foreign).not.toBeInstanceOf(Readable);
  const web = new ReadableStream<number>({
    start: (controller) => {
      for (const item of upTo(2)) controller.enqueue(item);
      controller.close();
    },
  });
  const seen: number[] = [];
  async function store(items: Items) {
    for await (const item of items) seen.push(item);
  }
  await time.until(pipeline(web as unknown as Iterable<number>, store));
  expect(seen).toEqual([1, 2]);
  await time.until(pipeline(foreign, store));
  expect(seen).toEqual([1, 2, 1, 2]);
  expect(observed.stages().reduce((sum, { name, items }) => (/^store/.test(name) ? sum + items : sum), 0)).toBe(4);
});
