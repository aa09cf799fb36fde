// tinypool.js true|false: tasks of stages that wait for one thread of Tinypool's, which may wait by Atomics.
import { AsyncResource } from "node:async_hooks";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { carry, pipeline } from "pinchpoint";
import { Tinypool } from "tinypool";

const app = pipeline("pooled");
const isRecorded = Reflect.has(globalThis, Symbol.for("pinchpoint.recorder/v1"));
while (isRecorded && app.stage("begin").run(carry) === null) await turn();

const pool = new Tinypool({
  filename: fileURLToPath(new URL("./tinypool-worker.js", import.meta.url)),
  minThreads: 1,
  maxThreads: 1,
  useAtomics: process.argv[2] === "true",
});
const bytes = new Uint8Array([1, 2, 3]);
/** @param {string} name @param {unknown} [value] @param {ArrayBuffer[]} [transferList] */
const run = (name, value, transferList) => pool.run({ name, value }, { transferList });
const told = await Promise.all([
  app.stage("ask a").run(() => run("a", [1n, new Map([["b", 2]]), undefined])),
  app.stage("ask b").run(() => run("b", bytes, [bytes.buffer])),
  run("c"),
  app.stage("ask d").run(() => run("d")),
  run("e"),
]);
told.push(await app.stage("ask f").run(async () => run("f")));
for (const name of ["g", "h"]) {
  const value = name === "g" ? () => {} : null;
  told.push(
    await app
      .stage(`ask ${name}`)
      .run(() => run(name, value))
      .catch(String),
  );
}
const bound = AsyncResource.bind(() => 1);
console.log(told, bytes.length, bound(), new AsyncResource("own") instanceof AsyncResource, AsyncResource.length);
await pool.destroy();
