// messages.js WAY: a main thread and a worker thread ask each other by messages, in stages that name what they belong to.
import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { isMainThread, parentPort, receiveMessageOnPort, Worker, workerData } from "node:worker_threads";
import { carry, pipeline } from "pinchpoint";

const app = pipeline("messages");

/** @param {string} name @param {() => unknown} act */
const as = (name, act) => app.stage(name).run(act);

async function untilTraced() {
  const isRecorded = Reflect.has(globalThis, Symbol.for("pinchpoint.recorder/v1"));
  while (isRecorded && app.stage("begin").run(carry) === null) await turn();
}

/** What an application can see of a port or a worker that it talks through. @param {any} port */
function looksOf(port) {
  const names = ["postMessage", "on", "emit", "ref"].map((name) => `${port[name].name}/${port[name].length}`);
  const counts = ["message", "messageerror"].map((event) => port.listenerCount(event));
  return [...names, ...counts, receiveMessageOnPort.name, receiveMessageOnPort.length, Object.keys(port).join()];
}

/** @param {string} name @param {unknown} [value] */
const message = (name, value = null) => ({ name, value, deep: [new Map([["a", 1n]]), new Date(5), undefined] });

/** @param {string} way */
async function ask(way) {
  await untilTraced();
  const worker = new Worker(new URL(import.meta.url), {
    workerData: way,
    // As bare, but without preloads.
    ...(way === "blind" ? { execArgv: [], env: {} } : {}),
  });
  /** @type {unknown[]} */
  const heard = [];
  worker.on("message", (answer) => {
    as(`hear ${answer.name}`, () => heard.push(answer));
    if (answer.name === "enough") worker.terminate();
  });
  // Before it is up.
  as("ask a", () => worker.postMessage(message("a")));
  worker.postMessage(message("b"));
  await once(worker, "online");
  const bytes = new Uint8Array([1, 2, 3]);
  as("ask c", () => worker.postMessage(message("c", bytes), [bytes.buffer]));
  try {
    as("ask d", () => worker.postMessage(message("d", () => {})));
  } catch (error) {
    heard.push(String(error));
  }
  const nested = {
    get value() {
      worker.postMessage(message("inner"));
      return 1;
    },
  };
  as("ask e", () => worker.postMessage(message("e", nested)));
  as("ask f", () => worker.postMessage(message("f")));
  heard.push(looksOf(worker));
  worker.postMessage(message("last"));
  const [code] = await once(worker, "exit");
  console.log(JSON.stringify([heard, bytes.length, way === "terminated" ? "" : code], bigints));
}

/** @param {string} _key @param {unknown} value */
function bigints(_key, value) {
  if (value instanceof Map) return [...value];
  return typeof value === "bigint" ? String(value) : value;
}

function answer() {
  const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
  /** @param {any} received */
  const take = (received) => {
    const { name } = received;
    as(`answer ${name}`, () => port.postMessage({ name, received, looks: looksOf(port) }));
    if (workerData === "received" && name === "b") {
      // Waits until there is one.
      let next = receiveMessageOnPort(port);
      while (next === undefined) next = receiveMessageOnPort(port);
      take(next.message);
    }
    if (workerData === "terminated" && name === "c") {
      port.postMessage({ name: "enough" });
      for (;;);
    }
    if (name === "last") port.close();
  };
  port.on("message", take);
  port.emit("message", message("own"));
}

function nestedMain() {
  const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
  const worker = new Worker(new URL(import.meta.url), { workerData: "plain" });
  port.on("message", (received) => worker.postMessage(received));
  worker.on("message", (answered) => {
    port.postMessage(answered);
    if (answered.name === "last") port.close();
  });
}

if (isMainThread) await ask(process.argv[2] ?? "plain");
else if (workerData === "nested") nestedMain();
else answer();
