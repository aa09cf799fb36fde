import stream, { Duplex, PassThrough, Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { expect, test } from "vitest";
import { observe } from "./observation.ts";
import { VirtualTime } from "./virtual-time.ts";

type Items = AsyncIterable<number>;
type Part = Duplex | ((items: Items) => unknown);

// Node's types know it as a method only.
const compose = (...parts: unknown[]): Duplex =>
  (Reflect.get(stream, "compose") as (...all: unknown[]) => Duplex)(...parts);
const upTo = (count: number) => Readable.from(Array.from({ length: count }, (_, index) => index + 1));

function observing() {
  const time = new VirtualTime();
  const observed = observe(time.clock);
  async function* score(items: Items) {
    for await (const item of items) {
      await time.wait(5);
      yield item * 2;
    }
  }
  async function* clean(items: Items) {
    for await (const item of items) {
      await time.wait(1);
      yield item + 1;
    }
  }
  const stored: number[] = [];
  const store = () =>
    new Writable({
      objectMode: true,
      write: function store(item, _encoding, callback) {
        stored.push(item);
        callback();
      },
    });
  class Decode extends PassThrough {
    constructor() {
      super({ objectMode: true });
    }
  }
  return { time, observed, score, clean, store, stored, Decode };
}

/** Edges between stages by the names of their code. */
function edgesOf(observed: ReturnType<typeof observe>): string[] {
  return observed
    .edges()
    .map((edge) => edge.replaceAll(/@[^ ]*/g, ""))
    .sort();
}

const MADE: readonly (readonly [string, (parts: ReturnType<typeof observing>) => Part, readonly string[]])[] = [
  [
    "streams that are composed",
    ({ Decode }) => compose(new Decode(), new (class Clean extends Decode {})()),
    ["clean > store", "decode > clean", "readable > decode"],
  ],
  [
    "functions that are composed",
    ({ score, clean }) => compose(score, clean),
    ["clean > store", "readable > score", "score > clean"],
  ],
  [
    "a function between streams",
    ({ Decode, score }) => compose(new Decode(), score, new (class Clean extends Decode {})()),
    ["clean > store", "decode > score", "readable > decode", "score > clean"],
  ],
  ["a function that is composed of nothing else", ({ score }) => compose(score), ["readable > score", "score > store"]],
  ["a stream that is made of a function", ({ score }) => Duplex.from(score), ["readable > score", "score > store"]],
  [
    "what is composed of what is composed",
    ({ score, clean, Decode }) => compose(compose(new Decode(), score), clean),
    ["clean > store", "decode > score", "readable > decode", "score > clean"],
  ],
];
test.for(MADE)("%s are stages of the pipeline that they stand in", async ([, make, edges]) => {
  const parts = observing();
  const { time, observed, store, stored } = parts;
  await time.until(pipeline(upTo(10), make(parts) as Duplex, store()));
  expect(stored).toHaveLength(10);
  expect(edgesOf(observed)).toEqual(edges);
  expect(observed.losses).toEqual({});
});

test("functions of a composed stream have exactly the times that they took", async () => {
  const { time, observed, score, clean, store, stored } = observing();
  await time.until(pipeline(upTo(10), compose(score, clean), store()));
  expect(stored).toEqual([3, 5, 7, 9, 11, 13, 15, 17, 19, 21]);
  expect(observed.stage("score")).toMatchObject({ role: "stage", arrived: 10, items: 10, emitted: 10 });
  expect(observed.stage("score").ms.self).toBe(50);
  expect(observed.stage("clean").ms.self).toBe(10);
});

test("a readable that is composed goes on to the function, and what comes of it to the next", async () => {
  const { time, observed, score, clean, store } = observing();
  const once = upTo(10).compose(score as never) as Readable;
  const readable = once.compose(clean as never);
  await time.until(pipeline(readable as Readable, store()));
  expect(edgesOf(observed)).toEqual(["clean > store", "readable > score", "score > clean"]);
});

const FAULTS: readonly (readonly [string, () => unknown])[] = [
  ["nothing", () => compose()],
  ["what is no stream", () => compose(7)],
  ["what is no stream among streams", () => compose(new PassThrough(), 7)],
  ["a source in the middle", () => compose(new PassThrough(), upTo(1), new PassThrough())],
  [
    "a sink that goes first",
    () =>
      compose(async function store(items: Items) {
        for await (const _ of items);
      }, new PassThrough()),
  ],
  ["a function that gives nothing", () => compose(function nothing() {}, new PassThrough())],
  ["a stream of a function that gives nothing", () => Duplex.from(function nothing() {} as never)],
  [
    "a function that throws",
    () =>
      compose(function refuse() {
        throw new Error("refused");
      }),
  ],
  ["options that are none", () => upTo(1).compose(new PassThrough() as never, 7 as never)],
];
test.for(FAULTS)("%s is refused with the error that it has bare", async ([, act]) => {
  const errorOf = () => {
    try {
      act();
      return null;
    } catch (error) {
      const { name, message, code } = error as NodeJS.ErrnoException;
      return { name, message, code };
    }
  };
  const alone = errorOf();
  const observed = observe(new VirtualTime().clock);
  expect(errorOf()).toEqual(alone);
  expect(alone).not.toBe(null);
  expect(observed.losses).toEqual({});
});

test("the error of a part is the pipeline's, as bare", async () => {
  const { time, observed, store } = observing();
  const failure = new Error("no room for 7");
  const refuse = async function* refuse(items: Items) {
    for await (const item of items) {
      if (item === 7) throw failure;
      yield item;
    }
  };
  const ended = pipeline(upTo(10), compose(new PassThrough({ objectMode: true }), refuse), store()).catch(
    (error) => error,
  );
  expect(await time.until(ended)).toBe(failure);
  expect(observed.stage("refuse")).toMatchObject({ items: 6, errors: 1 });
});

test("what is replaced looks the same, and is put back", () => {
  const outside = () => {
    const { compose: exported } = stream as unknown as { compose: (...parts: unknown[]) => unknown };
    return [exported, Duplex.from, Readable.prototype.compose].map(({ name, length }) => [name, length]);
  };
  const functions = () => [Reflect.get(stream, "compose"), Duplex.from, Readable.prototype.compose];
  const [alone, own] = [outside(), functions()];
  const observed = observe(new VirtualTime().clock);
  expect(outside()).toEqual(alone);
  expect(functions().some((one, index) => one === own[index])).toBe(false);
  observed.attachment.detach();
  expect(functions()).toEqual(own);
});
