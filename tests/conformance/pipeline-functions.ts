import stream, { Readable } from "node:stream";
import streamPromises from "node:stream/promises";
import { instrumentNodeStreams } from "@pinchpoint/streams";
import type { Driver } from "./driver.ts";

/** Functions and iterables that both forms of `pipeline` are given. */
export const pipelineFunctions: Driver = {
  name: "pipeline-functions",
  targets: [stream, streamPromises, Readable.prototype],
  attach: (recorder) => instrumentNodeStreams(recorder, { pipeline: "conformance" }),
  run: async (items, work) => {
    const seen: unknown[] = [];
    async function* source(this: unknown, ...given: unknown[]) {
      seen.push(this === undefined, given.length);
      yield* items;
    }
    async function* middle(this: unknown, input: AsyncIterable<number>, ...given: unknown[]) {
      seen.push(this === undefined, Object.prototype.toString.call(input), Object.keys(input), given.length);
      for await (const item of input) yield await work(item);
    }
    async function sink(this: unknown, input: AsyncIterable<number>, ...given: unknown[]) {
      seen.push(this === undefined, Object.prototype.toString.call(input), given.length);
      for await (const item of input) seen.push(item);
      return "the sink's result";
    }
    seen.push(await streamPromises.pipeline(source, middle, sink));
    const list = [1, 2];
    const joined = new Promise((resolve) => seen.push(stream.pipeline(list, sink, resolve) instanceof stream.Stream));
    seen.push(await joined, Reflect.ownKeys(list));
    return seen;
  },
};
