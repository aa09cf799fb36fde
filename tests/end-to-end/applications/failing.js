// Fails in the middle of its work: `node failing.js throw|reject|exit|stage`.
import { Readable, Writable } from "node:stream";

const [, , how] = process.argv;
let stored = 0;

function fail() {
  if (how === "reject") Promise.reject(new Error("the store is full"));
  if (how === "exit") process.exit(3);
  if (how === "throw") throw new Error("the store is full");
}

const sink = new Writable({
  objectMode: true,
  write: function store(_item, _encoding, callback) {
    stored += 1;
    if (stored === 60) setImmediate(fail);
    if (stored === 60 && how === "stage") throw new Error("the store is full");
    setImmediate(callback);
  },
});
Readable.from(Array.from({ length: 1_000_000 }, (_, id) => ({ id }))).pipe(sink);
