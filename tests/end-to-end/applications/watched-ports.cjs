// Says of the main thread and of a worker thread which of Node's ways of sending and receiving are Node's own.
const { isMainThread, MessagePort, parentPort, receiveMessageOnPort, Worker } = require("node:worker_threads");

const DISPATCH = Symbol.for("nodejs.internal.kHybridDispatch");

/** @param {any} worker */
function portOf(worker) {
  const key = Object.getOwnPropertySymbols(worker).find(({ description }) => description === "kPublicPort");
  return worker[/** @type {symbol} */ (key)];
}

/** @param {any} port */
function say(port) {
  /** @param {Function} run */
  const isBare = (run) =>
    /native code|return \{ message \}/.test(Function.prototype.toString.call(run)) ? "bare" : "other";
  const dispatch = Object.hasOwn(port, DISPATCH) ? "other" : "bare";
  return [isBare(MessagePort.prototype.postMessage), isBare(receiveMessageOnPort), dispatch].join(" ");
}

if (isMainThread) {
  const worker = new Worker(__filename);
  console.log(say(portOf(worker)));
  worker.once("message", (said) => console.log(said));
} else parentPort?.postMessage(say(parentPort));
