// slow-item.js: items through two streams, of which one takes longer than all others: only when spans are kept, and some
// items after that.
import { Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";

const isTraced = () => Reflect.get(globalThis, Symbol.for("opentelemetry.js.api.1"))?.trace !== undefined;

async function* read() {
  for (let number = 0; number < 60; number++) {
    while (number === 20 && !isTraced()) await setTimeout(5);
    await new Promise(setImmediate);
    yield { number };
  }
}

const slow = new Transform({
  objectMode: true,
  transform: function score(item, _encoding, done) {
    void setTimeout(item.number === 40 ? 300 : 0).then(() => done(null, item));
  },
});
const keep = new Writable({ objectMode: true, write: (_item, _encoding, done) => done() });
await pipeline(Readable.from(read()), slow, keep);
