// Puts its own in the place of what everybody has, as fake timers, mocked clocks and polyfills do, and then works.
import { Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

const global = /** @type {any} */ (globalThis);
const soon = setImmediate;
const never = () => ({ unref() {}, ref() {} });
const stopped = () => 0;
Object.assign(global, {
  setTimeout: never,
  setInterval: never,
  setImmediate: never,
  queueMicrotask: never,
  fetch: never,
});
Object.assign(performance, { now: stopped });
Date.now = stopped;
process.hrtime = /** @type {any} */ (Object.assign(() => [0, 0], { bigint: () => 0n }));
const next = process.nextTick;
process.nextTick = (/** @type {any} */ ...args) => Reflect.apply(next, process, args);
global.performance = { now: stopped };
global.Date = class extends Date {
  constructor() {
    super(0);
  }
};
for (const name of ["Promise", "Map", "WeakMap", "Set", "WeakSet", "WeakRef", "Error", "TypeError", "URL", "Buffer"]) {
  global[name] = class extends global[name] {};
}
for (const name of ["Math", "JSON", "Atomics", "Reflect"]) global[name] = Object.create(global[name]);

let sum = 0;
const decode = new Transform({
  objectMode: true,
  transform: function decode(id, _encoding, callback) {
    callback(null, id + 1);
  },
});
const sink = new Writable({
  objectMode: true,
  write: function store(id, _encoding, callback) {
    sum += id;
    soon(callback);
  },
});
await pipeline(Readable.from(Array.from({ length: 50 }, (_, id) => id)), decode, sink);
console.log(sum, performance.now(), String(new Date().getFullYear()));
