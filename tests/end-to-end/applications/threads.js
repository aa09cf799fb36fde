// Two worker threads, each with a pipeline of its own; one is terminated when it has nothing more to do.
import { Readable, Writable } from "node:stream";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

if (isMainThread) {
  const workers = [0, 1].map(() => new Worker(new URL(import.meta.url), { name: "cruncher" }));
  await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once("message", resolve))));
  await Promise.all(workers.map((worker) => worker.terminate()));
  console.log("crunched");
} else {
  const sink = new Writable({
    objectMode: true,
    write: function crunch(_item, _encoding, callback) {
      setImmediate(callback);
    },
  });
  sink.on("finish", () => parentPort?.postMessage("done"));
  Readable.from(Array.from({ length: 40 }, (_, id) => ({ id }))).pipe(sink);
}
