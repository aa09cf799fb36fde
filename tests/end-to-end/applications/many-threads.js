// A hundred worker threads one after the other, each with a pipeline; the last ones are terminated when it is done. Every
// tenth has a thread of its own, which dies with it.
import { once } from "node:events";
import { Readable, Writable } from "node:stream";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

const file = new URL(import.meta.url);

if (isMainThread) {
  let stored = 0;
  for (let at = 0; at < 100; at += 1) {
    const worker = new Worker(file, { workerData: { nests: at % 10 === 9 } });
    const [count] = await once(worker, "message");
    stored += count;
    if (at >= 90) await worker.terminate();
    else {
      worker.postMessage("end");
      await once(worker, "exit");
    }
  }
  console.log("stored", stored);
} else {
  let count = 0;
  const sink = new Writable({
    objectMode: true,
    write: function store(_id, _encoding, callback) {
      count += 1;
      callback();
    },
  });
  sink.on("finish", async () => {
    if (workerData.nests) {
      const nested = new Worker(file, { workerData: { nests: false } });
      const [more] = await once(nested, "message");
      count += more;
    }
    parentPort?.postMessage(count);
  });
  Readable.from(Array.from({ length: 30 }, (_, id) => id)).pipe(sink);
  // The nested one never hears of its end: it dies with the thread that started it.
  parentPort?.once("message", () => process.exit());
}
