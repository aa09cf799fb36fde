// Tells a digest of each function that Node's own modules export, and of each method of their classes (`::` those of the class
// itself), by named imports of ES modules and by require, once a server has been asked.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { builtinModules, createRequire } from "node:module";

const server = createServer((_request, response) => response.end());
await once(server.listen(0, "127.0.0.1"), "listening");
const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
await fetch(`http://127.0.0.1:${port}`, { headers: { connection: "close" } });
server.close();

const require = createRequire(import.meta.url);
// Some of them have a text of their own.
const sourceOf = Function.prototype.toString;
/** @type {Record<string, string>} */
const digests = {};

/**
 * @param {string} name
 * @param {unknown} value
 */
function tell(name, value) {
  if (typeof value === "function") digests[name] = createHash("sha1").update(sourceOf.call(value)).digest("base64");
}

/**
 * @param {string} kind
 * @param {string} module
 * @param {any} exports
 */
function tellAll(kind, module, exports) {
  for (const name of Object.getOwnPropertyNames(exports)) {
    if (kind === "import" && name === "default") continue;
    const value = exports[name];
    tell(`${kind} ${module} ${name}`, value);
    if (typeof value !== "function") continue;
    for (const [own, { value: method }] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
      if (own !== "prototype") tell(`${kind} ${module} ${name}::${own}`, method);
    }
    const { prototype } = value;
    if (typeof prototype !== "object" || prototype === null) continue;
    for (const [method, { value: own }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (method !== "constructor") tell(`${kind} ${module} ${name}.${method}`, own);
    }
  }
}

// Others warn of themselves when they are loaded.
const quiet = builtinModules.filter((name) => !/^_|^(node:|punycode$|sys$|trace_events$|wasi$|inspector)/.test(name));
for (const module of quiet) {
  tellAll("import", module, await import(`node:${module}`));
  tellAll("require", module, require(`node:${module}`));
}
console.log(JSON.stringify(digests));
