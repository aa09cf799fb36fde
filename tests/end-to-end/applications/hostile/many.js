// A thousand stages, or three thousand, in pipelines of fifty; and one that exits in mid-item: `node many.js [more|exit]`.
import { Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

const [, , how] = process.argv;

/** @param {string} name */
function step(name) {
  const { [name]: transform } = {
    /** @type {Transform["_transform"]} */
    [name](id, _encoding, callback) {
      if (how === "exit" && id === 20) process.exit(7);
      callback(null, id);
    },
  };
  return new Transform({ objectMode: true, transform });
}

process.on("exit", (code) => console.log("ends with", code));
let stored = 0;
for (let count = 0; count < (how === "more" ? 60 : 20); count += 1) {
  const steps = Array.from({ length: 50 }, (_, index) => step(`step${count}x${index}`));
  const store = new Writable({
    objectMode: true,
    write: function store(_id, _encoding, callback) {
      stored += 1;
      setImmediate(callback);
    },
  });
  const source = Readable.from(Array.from({ length: 30 }, (_, id) => id));
  await pipeline(/** @type {any} */ ([source, ...steps, store]));
}
console.log(`stored ${stored}`);
