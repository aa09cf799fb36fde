// Two worker threads, the one after the other, which both join streams. Tells what code was there for others
// once each had ended: how often it was written, and how long it was in the end.
import { once } from "node:events";
import { Readable, Writable } from "node:stream";
import { getEnvironmentData, isMainThread, Worker } from "node:worker_threads";

if (isMainThread) {
  const told = [];
  for (const _ of [1, 2]) {
    await once(new Worker(new URL(import.meta.url)), "exit");
    const share = /** @type {Record<"threadCode" | "recorderCode", SharedArrayBuffer> | undefined} */ (
      /** @type {unknown} */ (getEnvironmentData("pinchpoint.recorder/v5"))
    );
    told.push({ thread: written(share?.threadCode), recorder: written(share?.recorderCode) });
  }
  console.log(JSON.stringify(told));
} else {
  const items = Array.from({ length: 20 });
  const write = new Writable({ objectMode: true, write: (_item, _encoding, done) => done() });
  await once(Readable.from(items.keys()).pipe(write), "finish");
}

/** @param {SharedArrayBuffer | undefined} memory */
function written(memory) {
  const [, times = 0, ...places] = new Int32Array(memory ?? new SharedArrayBuffer(24), 0, 6);
  return { times, bytes: places[2 * times - 1] ?? 0 };
}
