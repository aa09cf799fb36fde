// api-spans.js WAY BUILD: a worker thread without an SDK makes spans by OpenTelemetry's API, its CommonJS build, its ES build, or both.
import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { carry, pipeline } from "pinchpoint";

const [way = "plain", build = "module"] = process.argv.slice(2);
const app = pipeline("api");

const isRecorded = Reflect.has(globalThis, Symbol.for("pinchpoint.recorder/v1"));
while (isRecorded && process.env.UNTRACED === undefined && app.stage("begin").run(carry) === null) await turn();

const file = { both: "both.cjs", script: "worker.cjs" }[build] ?? "worker.js";
const worker = new Worker(new URL(`api-spans-${file}`, import.meta.url), { workerData: way });
/** @type {unknown[]} */
const heard = [];
worker.on("message", (said) => {
  heard.push(said);
  if (said === "enough") void worker.terminate();
});
worker.on("error", (error) => heard.push(String(error)));
await once(worker, "online");
app.stage("ask").run(() => worker.postMessage("a"));
const [code] = await once(worker, "exit");
console.log(JSON.stringify([heard, way === "terminated" ? "" : code]));
