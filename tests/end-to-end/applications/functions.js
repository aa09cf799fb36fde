// Pipes through functions in every form of `pipeline`: `node functions.js [ITEMS]`.
import { createReadStream } from "node:fs";
import { pipeline as pipelineWithCallback, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const items = Number(process.argv[2] ?? 50);

async function* flights() {
  for (let id = 0; id < items; id += 1) yield { id };
}

/** @param {AsyncIterable<{ id: number }>} given */
async function* decode(given) {
  for await (const flight of given) yield { ...flight, delay: flight.id % 7 };
}

class Clean extends Transform {
  constructor() {
    super({ objectMode: true, transform: (flight, _encoding, callback) => callback(null, flight) });
  }
}

/** @param {AsyncIterable<{ delay?: number }>} given */
async function store(given) {
  let sum = 0;
  for await (const { delay = 1 } of given) sum += delay;
  return sum;
}

console.log("by promise", await pipeline(flights, decode, new Clean(), store));
console.log("by a list", await pipeline(/** @type {any} */ ([[{ id: 8 }, { id: 9 }], decode, store])));
console.log("by promisify", await promisify(pipelineWithCallback)(flights(), new Clean(), store));

const here = createReadStream(fileURLToPath(import.meta.url));
let lines = 0;
/** @param {any} text */
async function count(text) {
  for await (const part of text.setEncoding("utf8")) lines += part.split("\n").length - 1;
}
pipelineWithCallback(here, count, (/** @type {any} */ error) => {
  console.log(error ?? "no error", lines > 40);
  pipelineWithCallback(flights, refuse, (failure) => console.log(failure?.message, failure === error));
});

/** @param {AsyncIterable<{ id: number }>} given */
async function refuse(given) {
  for await (const { id } of given) if (id === 3) throw new Error(`no room for ${id}`);
}
