import { once } from "node:events";
import stream, { type Duplex, PassThrough, Readable, Writable } from "node:stream";
import { systemClock } from "@pinchpoint/probe";
import { describe, expect, test } from "vitest";
import { instrumentNodeStreams } from "../src/node-stream.ts";
import { observe } from "./observation.ts";

// The conformance suite attaches, detaches and patches in every order; here is what is special to streams.

const pipeOf = () => Object.getOwnPropertyDescriptor(Readable.prototype, "pipe");
const sink = () => new Writable({ objectMode: true, write: (_chunk, _encoding, callback) => callback() });

test("one replacement on the prototype is all, and it is put back to the last flag", () => {
  const before = pipeOf();
  const { attachment } = observe(systemClock());
  expect(pipeOf()).toEqual({ ...before, value: expect.any(Function) });
  expect(pipeOf()?.value).not.toBe(before?.value);
  attachment.detach();
  expect(pipeOf()).toEqual(before);
});

test("a class with a pipe of its own that calls super is found", async () => {
  class Loud extends PassThrough {
    override pipe<T extends NodeJS.WritableStream>(destination: T, options?: { end?: boolean }): T {
      return super.pipe(destination, options);
    }
  }
  const observed = observe(systemClock());
  const loud = new Loud();
  const done = once(loud.pipe(sink()), "finish");
  loud.end("a");
  await done;
  expect(observed.stage("loud").items).toBe(1);
});

test("streams that were joined before go on recording until they end", async () => {
  const observed = observe(systemClock());
  const source = new Readable({ objectMode: true, read() {} });
  const done = once(source.pipe(sink()), "finish");
  observed.attachment.detach();
  source.push(1);
  source.push(null);
  await done;
  expect(observed.stages().map(({ items, workers }) => ({ items, workers }))).toEqual([
    { items: 1, workers: {} },
    { items: 1, workers: {} },
  ]);
});

test("what is within a composed stream is found once", async () => {
  class Decode extends PassThrough {}
  class Clean extends PassThrough {}
  // Not in the types yet: it is experimental.
  const compose: (...streams: Duplex[]) => Duplex = Reflect.get(stream, "compose");
  const observed = observe(systemClock());
  const done = once(Readable.from(["a"]).pipe(compose(new Decode(), new Clean())).pipe(sink()), "finish");
  await done;
  expect(observed.edges()).toContain("decode > clean");
  expect(observed.names().filter((name) => /decode|clean/.test(name))).toEqual(["decode", "clean"]);
  expect([observed.stage("decode").items, observed.stage("clean").items]).toEqual([1, 1]);
});

test("names begin with the thread's, where it has one", async () => {
  const observed = observe(systemClock());
  const named = instrumentNodeStreams(observed.recorder, { pipeline: "test" });
  expect(named).toBe(observed.attachment);
  observed.attachment.detach();
  const attachment = instrumentNodeStreams(observed.recorder, { pipeline: "test", thread: () => "resize.js" });
  const done = once(
    Readable.from(["a"])
      .pipe(new (class Decode extends PassThrough {})())
      .pipe(sink()),
    "finish",
  );
  await done;
  attachment.detach();
  expect(observed.names()).toContain("resize.js/decode");
  expect(observed.names().every((name) => name.startsWith("resize.js/"))).toBe(true);
});

describe("a pipeline without a name is refused, and nothing is changed", () => {
  test.for([[""], [undefined], [7]])("%o", ([pipeline]) => {
    const before = pipeOf();
    const { recorder, attachment } = observe(systemClock());
    attachment.detach();
    const instrument = () => instrumentNodeStreams(recorder, { pipeline: pipeline as string });
    expect(instrument).toThrow(`pipeline must be a string that is not empty, got ${JSON.stringify(pipeline)}`);
    expect(pipeOf()).toEqual(before);
  });
});
