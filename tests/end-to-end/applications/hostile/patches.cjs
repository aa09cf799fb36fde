// Wraps what others wrap as well, and counts: as a preload, where BEFORE is set, or when it is asked to.
const http = require("node:http");
const { syncBuiltinESMExports } = require("node:module");
const stream = require("node:stream");
const streamPromises = require("node:stream/promises");
const threads = require("node:worker_threads");

/** @type {Record<string, number>} */
const counts = {};

/**
 * @param {any} target
 * @param {string} name
 */
function wrap(target, name) {
  const original = target[name];
  target[name] = function (/** @type {any[]} */ ...args) {
    counts[name] = (counts[name] ?? 0) + 1;
    return original.apply(this, args);
  };
}

function patch() {
  wrap(stream.Readable.prototype, "pipe");
  wrap(stream, "pipeline");
  wrap(streamPromises, "pipeline");
  wrap(http.ClientRequest.prototype, "onSocket");
  wrap(threads.Worker.prototype, "postMessage");
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    /** @param {ConstructorParameters<typeof Worker>} args */
    constructor(...args) {
      super(...args);
      counts.Worker = (counts.Worker ?? 0) + 1;
    }
  };
  syncBuiltinESMExports();
}

module.exports = { counts, patch };
if (process.env.BEFORE) patch();
