// The same in CommonJS, joined by pipe, and computing without a pause: `node chain.cjs [ITEMS]`.
const { Readable, Transform, Writable } = require("node:stream");

const items = Number(process.argv[2] ?? 50);
let read = 0;
let stored = 0;

const source = new Readable({
  objectMode: true,
  read: function flights() {
    read += 1;
    this.push(read <= items ? { id: read } : null);
  },
});
const decoder = new Transform({
  objectMode: true,
  transform: function decode(flight, _encoding, callback) {
    callback(null, flight);
  },
});
const sink = new Writable({
  objectMode: true,
  write: function store(_flight, _encoding, callback) {
    stored += 1;
    callback();
  },
});
source
  .pipe(decoder)
  .pipe(sink)
  .on("finish", () => console.log(`stored ${stored}`));
