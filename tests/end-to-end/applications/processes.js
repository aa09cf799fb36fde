// Starts itself twice; each child has a pipeline of its own, and the parent has none.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const etl = fileURLToPath(new URL("etl.js", import.meta.url));
const children = [50, 100].map((items) => spawn(process.execPath, [etl, String(items)], { stdio: "inherit" }));
await Promise.all(children.map((child) => once(child, "exit")));
