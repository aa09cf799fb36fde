// Decodes and stores: `node etl.js [ITEMS]`. Says "at N" after every 50 items.
import { Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

const items = Number(process.argv[2] ?? 50);
let stored = 0;

async function* flights() {
  for (let id = 0; id < items; id += 1) yield { id };
}

class Decode extends Transform {
  constructor() {
    super({
      objectMode: true,
      transform: (flight, _encoding, callback) => callback(null, { ...flight, delay: flight.id % 7 }),
    });
  }
}

class Store extends Writable {
  constructor() {
    super({
      objectMode: true,
      write: (_flight, _encoding, callback) => {
        stored += 1;
        if (stored % 50 === 0) console.log(`at ${stored}`);
        setTimeout(callback, 1);
      },
    });
  }
}

await pipeline(Readable.from(flights()), new Decode(), new Store());
console.log(`stored ${stored}`);
