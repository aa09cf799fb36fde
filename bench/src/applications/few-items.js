import { Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

/**
 * Some items through three streams.
 *
 * @param {number} items
 */
export function pipelineOf(items) {
  let left = items;
  const read = new Readable({
    objectMode: true,
    read() {
      this.push(left-- > 0 ? {} : null);
    },
  });
  const pass = new Transform({ objectMode: true, transform: (item, _, done) => done(null, item) });
  const write = new Writable({ objectMode: true, write: (_item, _encoding, done) => done() });
  return pipeline(read, pass, write);
}
