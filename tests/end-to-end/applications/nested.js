// Pipelines within pipelines, made of each other, and of one function twice.
import * as stream from "node:stream";
import { Duplex, PassThrough, Readable, Transform, Writable } from "node:stream";
import * as promises from "node:stream/promises";

// Their types know neither `compose` nor numbers as chunks.
const { compose } = /** @type {any} */ (stream);
const { pipeline } = /** @type {any} */ (promises);

const ids = () => Readable.from(Array.from({ length: 20 }, (_, id) => id));

/** @param {AsyncIterable<number>} given */
async function* increase(given) {
  for await (const id of given) yield id + 1;
}

/** @param {AsyncIterable<number>} given */
async function* expand(given) {
  for await (const id of given) {
    /** @type {number[]} */
    const parts = [];
    await pipeline(
      [id, id + 1],
      async function* double(/** @type {AsyncIterable<number>} */ inner) {
        for await (const part of inner) yield 2 * part;
      },
      async function collect(/** @type {AsyncIterable<number>} */ inner) {
        for await (const part of inner) parts.push(part);
      },
    );
    yield parts.reduce((sum, part) => sum + part);
  }
}

class Within extends Transform {
  constructor() {
    super({
      objectMode: true,
      transform: (id, _encoding, callback) => {
        let sum = 0;
        const inner = new Writable({
          objectMode: true,
          write: function inner(part, _inner, done) {
            sum += part;
            setImmediate(done);
          },
        });
        pipeline(Readable.from([id, id]), inner).then(() => callback(null, sum), callback);
      },
    });
  }
}

class Pass extends PassThrough {
  constructor() {
    super({ objectMode: true });
  }
}

/** @param {AsyncIterable<number>} given */
async function total(given) {
  let sum = 0;
  for await (const id of given) sum += id;
  return sum;
}

const composed = compose(new Pass(), new Pass());
const made = Duplex.from(/** @type {any} */ (increase));
console.log("in a function", await pipeline(ids(), expand, total));
console.log("in a transform", await pipeline(ids(), new Within(), total));
console.log("one function twice", await pipeline(ids(), increase, increase, total));
console.log("composed of streams", await pipeline(ids(), composed, total));
console.log("composed of functions", await pipeline(ids(), compose(increase, increase), total));
console.log("made of a function", await pipeline(ids(), made, total));
console.log(
  "by an operator",
  await ids()
    .compose(/** @type {any} */ (increase))
    .toArray(),
);
console.log("side by side", await Promise.all([1, 2, 3].map(() => pipeline(ids(), increase, total))));
const failing = compose(increase, async function* refuse(/** @type {AsyncIterable<number>} */ given) {
  for await (const id of given) {
    if (id === 7) throw new Error("no room for 7");
    yield id;
  }
});
await pipeline(ids(), failing, total).catch((/** @type {Error} */ error) => console.log(error.message));
