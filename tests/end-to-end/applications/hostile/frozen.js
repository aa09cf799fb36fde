// Freezes what it works with.
import http from "node:http";
import stream, { Readable, Transform, Writable } from "node:stream";
import threads from "node:worker_threads";

class Flights extends Readable {
  id = 0;
  /** @override */
  _read() {
    this.push(this.id < 50 ? { id: this.id++ } : null);
  }
}

class Decode extends Transform {
  /** @override @type {Transform["_transform"]} */
  _transform(flight, _encoding, callback) {
    callback(null, flight);
  }
}

class Store extends Writable {
  stored = 0;
  /** @override @type {Writable["_write"]} */
  _write(_flight, _encoding, callback) {
    this.stored += 1;
    setImmediate(callback);
  }
}

for (const one of [
  Readable,
  Writable,
  Transform,
  threads.Worker,
  http.Server,
  http.ClientRequest,
  Flights,
  Decode,
  Store,
]) {
  Object.freeze(one.prototype);
}
for (const one of [stream, http, threads, globalThis.performance]) Object.freeze(one);

const store = new Store({ objectMode: true });
stream.pipeline(new Flights({ objectMode: true }), new Decode({ objectMode: true }), store, (error) => {
  console.log(error ?? `stored ${store.stored}`);
});
