// Calls all that patches.cjs wraps, and says how often.
import { once } from "node:events";
import http from "node:http";
import { Transform, Writable } from "node:stream";
import patches from "./patches.cjs";

if (!process.env.BEFORE) patches.patch();
const { Readable } = await import("node:stream");
const { pipeline } = await import("node:stream/promises");
const { Worker } = await import("node:worker_threads");

const server = http.createServer((_request, response) => response.end("yes"));
await once(server.listen(0, "127.0.0.1"), "listening");
const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
const worker = new Worker(
  "const { parentPort } = require('node:worker_threads'); parentPort.on('message', (id) => parentPort.postMessage(id));",
  { eval: true },
);

/** @param {number} id */
async function ask(id) {
  const [response] = await once(http.get({ host: "127.0.0.1", port }), "response");
  await once(response.resume(), "end");
  worker.postMessage(id);
  return (await once(worker, "message"))[0];
}

class Ask extends Transform {
  constructor() {
    super({
      objectMode: true,
      transform: (id, _encoding, callback) => ask(id).then((answer) => callback(null, answer), callback),
    });
  }
}

let sum = 0;
const store = new Writable({
  objectMode: true,
  write: function store(id, _encoding, callback) {
    sum += id;
    callback();
  },
});
await pipeline(Readable.from([1, 2, 3, 4, 5]), new Ask(), store);
server.close();
server.closeAllConnections();
await worker.terminate();
console.log(sum, JSON.stringify(patches.counts), worker instanceof Worker);
