import { PassThrough, Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { instrumentNodeStreams } from "@pinchpoint/streams";
import type { Driver } from "./driver.ts";

export const nodeStream: Driver = {
  name: "node-stream",
  targets: [Readable.prototype, Transform.prototype, Writable.prototype, PassThrough.prototype],
  attach: (recorder) => instrumentNodeStreams(recorder, { pipeline: "conformance" }),
  run: async (items, work) => {
    const seen: unknown[] = [];
    const options = { objectMode: true, highWaterMark: 2 };
    const middle: Transform = new Transform({
      ...options,
      transform(item, encoding, callback) {
        seen.push([this === middle, encoding, callback.name, callback.length]);
        const answer = work(item);
        if (answer instanceof Promise) answer.then((result) => seen.push(callback(null, result)), callback);
        else seen.push(callback(null, answer));
      },
    });
    const sink: Writable = new Writable({
      ...options,
      write(item, encoding, callback) {
        seen.push([this === sink, item, encoding, callback.name, callback.length]);
        seen.push(callback());
      },
    });
    const through = new PassThrough(options);
    const joined = pipeline(Readable.from(items), through, middle, sink);
    seen.push(Object.keys(through), Object.keys(middle), Object.keys(sink));
    await joined;
    const last = new PassThrough(options);
    seen.push(new PassThrough(options).pipe(last) === last);
    return seen;
  },
};
