// Two worker threads, the one after the other, which both join streams. Tells whether the code that records was there for
// others once the first had ended, and how long it was.
import { once } from "node:events";
import { Readable, Writable } from "node:stream";
import { getEnvironmentData, isMainThread, Worker } from "node:worker_threads";

if (isMainThread) {
  const told = [];
  for (const _ of [1, 2]) {
    await once(new Worker(new URL(import.meta.url)), "exit");
    const share = /** @type {{ code: SharedArrayBuffer } | undefined} */ (
      /** @type {unknown} */ (getEnvironmentData("pinchpoint.recorder/v4"))
    );
    const [state, bytes] = new Int32Array(share?.code ?? new SharedArrayBuffer(8));
    told.push({ state, bytes });
  }
  console.log(JSON.stringify(told));
} else {
  const items = Array.from({ length: 20 });
  const write = new Writable({ objectMode: true, write: (_item, _encoding, done) => done() });
  await once(Readable.from(items.keys()).pipe(write), "finish");
}
