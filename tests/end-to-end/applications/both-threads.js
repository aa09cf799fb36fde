// The same pipeline in the main thread and in a worker thread.
import { once } from "node:events";
import { Readable, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { isMainThread, Worker } from "node:worker_threads";

const sink = new Writable({
  objectMode: true,
  write: function store(_id, _encoding, callback) {
    callback();
  },
});
await finished(Readable.from([1, 2, 3]).pipe(sink));
if (isMainThread) {
  await once(new Worker(new URL(import.meta.url)), "exit");
  console.log("both stored");
}
