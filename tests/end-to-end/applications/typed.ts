// TypeScript, for Node's own type stripping, for tsx and for bundlers; the types stand above the code, so that lines differ.
import { Readable, Transform, type TransformCallback, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

interface Flight {
  readonly id: number;
}

interface Delayed extends Flight {
  readonly delay: number;
}

class Decode extends Transform {
  constructor() {
    super({ objectMode: true });
  }

  override _transform(flight: Flight, _encoding: BufferEncoding, callback: TransformCallback): void {
    callback(null, { ...flight, delay: flight.id % 7 } satisfies Delayed);
  }
}

async function* clean(given: AsyncIterable<Delayed>): AsyncGenerator<Delayed> {
  for await (const flight of given) if (flight.delay > 0) yield flight;
}

let sum = 0;
const flights: Flight[] = Array.from({ length: 50 }, (_, id) => ({ id }));
const store = new Writable({
  objectMode: true,
  write({ delay }: Delayed, _encoding, callback) {
    sum += delay;
    callback();
  },
});
pipeline(Readable.from(flights), new Decode(), clean, store).then(() => {
  const place = new Error("here").stack?.split("\n")[1]?.replace(/.*[\\/(]/, "");
  console.log(`stored ${sum} at ${place}`);
});
