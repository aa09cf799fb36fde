// Workers of a pool are terminated in the middle of their tasks, which the application then gives to the next worker:
// `node terminated.js [TIMES]`.
import { Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Piscina } from "piscina";

const times = Number(process.argv[2] ?? 10);
const pool = new Piscina({ filename: new URL("terminated-worker.cjs", import.meta.url).pathname, maxThreads: 1 });
const told = { done: 0, failed: 0 };

/**
 * @param {number} id
 * @param {boolean} hangs
 */
async function ask(id, hangs) {
  try {
    const asked = pool.run({ id, hangs });
    if (hangs) await pool.threads[0]?.terminate();
    const answer = await asked;
    told.done += 1;
    return answer;
  } catch {
    told.failed += 1;
    return ask(id, false);
  }
}

class Double extends Transform {
  constructor() {
    super({
      objectMode: true,
      transform: (id, _encoding, callback) => {
        ask(id, id % 20 === 10).then((doubled) => callback(null, doubled), callback);
      },
    });
  }
}

let sum = 0;
const store = new Writable({
  objectMode: true,
  write: (doubled, _encoding, callback) => {
    sum += doubled;
    callback();
  },
});
await pipeline(Readable.from(Array.from({ length: 20 * times }, (_, id) => id)), new Double(), store);
await pool.close();
console.log(JSON.stringify({ ...told, sum }));
