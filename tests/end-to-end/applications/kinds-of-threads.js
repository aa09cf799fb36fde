// Has a pipeline in a worker thread of each kind, one after the other.
import { once } from "node:events";
import { Worker } from "node:worker_threads";

/**
 * @param {string} name
 * @param {string} [more]
 */
const codeOf = (name, more = "") => `
  const { Readable, Writable } = require("node:stream");
  const { Worker } = require("node:worker_threads");
  let sum = 0;
  const sink = new Writable({ objectMode: true, write: function ${name}(id, encoding, callback) { sum += id; callback(); } });
  sink.on("finish", () => { console.log("${name}", sum); ${more} });
  Readable.from([1, 2, 3]).pipe(sink);
`;

/**
 * @param {string} name
 * @param {string} [options]
 */
const nested = (name, options = "") =>
  `new Worker(${JSON.stringify(codeOf(name))}, { eval: true, ${options} }).on("exit", () => {});`;

const workers = [
  new Worker(codeOf("plain"), { eval: true }),
  new Worker(codeOf("owned"), { eval: true, execArgv: ["--no-warnings"] }),
  new Worker(codeOf("bare"), { eval: true, env: {} }),
  new Worker(codeOf("outer", nested("inner")), { eval: true }),
  new Worker(codeOf("around", nested("within", "env: {}")), { eval: true }),
];
await Promise.all(workers.map((worker) => once(worker, "exit")));
