// Tasks of stages that wait for one thread, which is not up when the first ones are asked for.

import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { carry, pipeline } from "pinchpoint";
import workerpool from "workerpool";

const app = pipeline("pooled");
const isRecorded = Reflect.has(globalThis, Symbol.for("pinchpoint.recorder/v1"));
while (isRecorded && app.stage("begin").run(carry) === null) await turn();

const pool = workerpool.pool(fileURLToPath(new URL("./pooled-worker.cjs", import.meta.url)), {
  workerType: "thread",
  // Made here, in no stage.
  minWorkers: 1,
  maxWorkers: 1,
});
/** @param {string} name @param {unknown} [value] */
const exec = (name, value) => pool.exec("tell", [name, value]);
const given = [
  app.stage("ask a").run(() => exec("a", [1n, new Map([["b", 2]])])),
  app.stage("ask b").run(() => exec("b")),
  exec("c"),
  app.stage("ask d").run(() => exec("d")),
  exec("e"),
];
const told = await Promise.all(given);
told.push(await app.stage("ask f").run(async () => exec("f")));
const own = await app.stage("ask g").run(() => pool.exec((/** @type {number} */ a) => a + 1, [1]));
const failed = await app
  .stage("ask h")
  .run(() => pool.exec("no", []))
  .catch(String);
const { name, length } = pool.exec;
console.log(told, own, failed, name, length, pool.stats());
await pool.terminate();
