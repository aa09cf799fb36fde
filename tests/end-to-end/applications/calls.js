// Each item goes through a pool of one thread, then through a local server: `node calls.js [ITEMS]`.
import { once } from "node:events";
import { createServer } from "node:http";
import { Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Piscina } from "piscina";

const items = Number(process.argv[2] ?? 40);
const pool = new Piscina({ filename: new URL("calls-worker.cjs", import.meta.url).pathname, maxThreads: 1 });
// Every tenth question is answered with an error, which the application takes as no answer.
const server = createServer((request, response) => {
  const id = Number(request.url?.slice(1));
  response.statusCode = id % 10 === 9 ? 500 : 200;
  response.end(String(id));
});
await once(server.listen(0, "127.0.0.1"), "listening");
const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());

class Double extends Transform {
  constructor() {
    super({
      objectMode: true,
      transform: (id, _encoding, callback) =>
        pool.run(id).then(
          (doubled) => callback(null, { id, doubled }),
          (error) => callback(error),
        ),
    });
  }
}

class Ask extends Transform {
  constructor() {
    super({
      objectMode: true,
      transform: (item, _encoding, callback) => this.ask(item).then((asked) => callback(null, asked), callback),
    });
  }

  /** @param {{ id: number }} item */
  async ask(item) {
    const answer = await fetch(`http://127.0.0.1:${port}/${item.id}`);
    const text = await answer.text();
    return { ...item, answer: answer.ok ? Number(text) : null };
  }
}

let sum = 0;
let unanswered = 0;
const store = new Writable({
  objectMode: true,
  write: ({ doubled, answer }, _encoding, callback) => {
    sum += doubled;
    if (answer === null) unanswered += 1;
    callback();
  },
});
await pipeline(Readable.from(Array.from({ length: items }, (_, id) => id)), new Double(), new Ask(), store);
await pool.close();
server.close();
server.closeAllConnections();
console.log(`sum ${sum}, ${unanswered} unanswered`);
