// Tells which files of Pinchpoint's and which of Node's modules its main thread and a worker thread have loaded: as they
// begin, and once the worker thread has joined streams.
import { once } from "node:events";
import { Session } from "node:inspector";
import { Readable, Writable } from "node:stream";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

function loaded() {
  /** @type {string[]} */
  const files = [];
  const session = new Session();
  session.connect();
  // Tells of all scripts that there are, before it answers.
  session.on("Debugger.scriptParsed", ({ params: { url } }) => {
    const [, file] = /\/packages\/(\w+\/lib\/.+)$/.exec(url) ?? [];
    if (file !== undefined) files.push(file);
  });
  session.post("Debugger.enable");
  session.disconnect();
  const { moduleLoadList } = /** @type {{ moduleLoadList: string[] }} */ (/** @type {unknown} */ (process));
  return { files: files.sort(), builtins: moduleLoadList.map((name) => name.replace(/^NativeModule /, "")) };
}

if (isMainThread) {
  const main = loaded();
  const worker = new Worker(new URL(import.meta.url));
  const [[idle, joined]] = await once(worker, "message");
  console.log(JSON.stringify({ main, idle, joined }));
} else {
  const idle = loaded();
  const store = Readable.from([1]).pipe(new Writable({ objectMode: true, write: (_item, _encoding, done) => done() }));
  await once(store, "finish");
  parentPort?.postMessage([idle, loaded()]);
}
