// Loads modules that are not there or throw, tells their stacks, and ends by one.
import { createRequire } from "node:module";
import { pipeline } from "node:stream/promises";

const require = createRequire(import.meta.url);
await pipeline([1, 2, 3], async function store(items) {
  for await (const _ of items);
});
for (const name of ["not-there", "./throwing.cjs"]) {
  try {
    require(name);
  } catch (error) {
    console.log(error instanceof Error ? error.stack : error);
  }
}
require("./throwing.cjs");
