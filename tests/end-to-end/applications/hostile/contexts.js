// Runs its pipeline in a context of its own, whose objects are none of ours.
import stream from "node:stream";
import { pipeline } from "node:stream/promises";
import { createContext, runInContext } from "node:vm";

const context = createContext({ stream, pipeline, console, setImmediate });
const code = `(async () => {
  class Decode extends stream.Transform {
    constructor() { super({ objectMode: true }); }
    _transform(id, encoding, callback) { callback(null, id + 1); }
  }
  let sum = 0;
  const source = (async function* () { for (let id = 0; id < 50; id += 1) yield id; })();
  const sink = new stream.Writable({
    objectMode: true,
    write: function store(id, encoding, callback) { sum += id; setImmediate(callback); },
  });
  await pipeline(source, new Decode(), async function* clean(given) { for await (const id of given) yield id; }, sink);
  console.log(sum, source instanceof Object);
})()`;
await runInContext(code, context, { filename: "inside.js" });
