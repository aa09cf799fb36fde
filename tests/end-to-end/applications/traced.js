// traced.js COUNT URL: items through two streams, each asked of a service by a worker thread. Waits for the end of its
// input, so that whoever reads its metrics may do so.
import { Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Piscina } from "piscina";

const [count, url] = process.argv.slice(2);
const pool = new Piscina({ filename: new URL("./traced-worker.js", import.meta.url).href, maxThreads: 1 });

async function* read() {
  for (let number = 0; number < Number(count); number++) {
    await new Promise(setImmediate);
    yield { number, url };
  }
}

class Ask extends Transform {
  constructor() {
    super({ objectMode: true });
  }

  /**
   * @override
   * @param {unknown} item
   * @param {string} _encoding
   * @param {(error: any, answered?: object) => void} done
   */
  async _transform(item, _encoding, done) {
    try {
      done(null, { answer: await pool.run(item) });
    } catch (error) {
      done(error);
    }
  }
}

class Keep extends Writable {
  sum = 0;

  constructor() {
    super({ objectMode: true });
  }

  /**
   * @override
   * @param {{ answer: number }} answered
   * @param {string} _encoding
   * @param {() => void} done
   */
  _write({ answer }, _encoding, done) {
    this.sum += answer;
    done();
  }
}

const kept = new Keep();
await pipeline(Readable.from(read()), new Ask(), kept);
await pool.close();
console.log(`sum ${kept.sum}`);
for await (const _ of process.stdin);
console.log("end");
