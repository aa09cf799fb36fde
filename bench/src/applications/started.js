// What any application does at least: it begins, and where it is told to, runs a pipeline. Then it waits for a line, so that
// somebody may look at its metrics, and ends: node started.js [ITEMS]
import { pipelineOf } from "./few-items.js";

const items = Number(process.argv[2] ?? 0);
if (items > 0) await pipelineOf(items);
console.log(JSON.stringify({ globals: Object.getOwnPropertySymbols(globalThis).map((symbol) => symbol.description) }));
process.stdin.once("data", () => {
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ cpuMs: (user + system) / 1000 }));
  process.exit(0);
});
