// npm run strangers [-- NAME…] [--json FILE]: public programs, bare and recorded; without names, all of them.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { repositoryRoot } from "./run-command.ts";
import { strangers } from "./strangers/all.ts";
import { type Examined, examine } from "./strangers/examination.ts";
import { cacheFolder, installPinchpoint, installStranger } from "./strangers/installation.ts";
import type { Stranger } from "./strangers/stranger.ts";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: "string" } } });
const chosen = strangers.filter((stranger) => positionals.length === 0 || positionals.includes(wordOf(stranger)));
const wrong = positionals.find((word) => !strangers.some((stranger) => wordOf(stranger) === word));
if (wrong !== undefined) {
  console.error(`npm run strangers: nobody is called "${wrong}": ${strangers.map(wordOf).join(", ")}`);
  process.exit(2);
}

console.log(`They are installed in ${cacheFolder}.`);
await installPinchpoint();
const file = resolve(process.env.INIT_CWD ?? ".", values.json ?? join(repositoryRoot, "docs/results/strangers.json"));
const examined: Examined[] = [];
for (const stranger of chosen) {
  const result = await examine(stranger, await installStranger(stranger));
  examined.push(result);
  console.log(
    `${isAsBare(result) ? "ok    " : "OTHER "} ${result.name}: ${result.verdicts.map((text) => text ?? "no verdict").join(" | ")}`,
  );
  if (!isAsBare(result)) console.log(JSON.stringify(result, null, 2));
}
write();
process.exitCode = examined.every(isAsBare) ? 0 : 1;

/** The name that it is chosen by. */
function wordOf({ name }: Stranger): string {
  return name.split(/[ ,]/)[0] as string;
}

function isAsBare({ preload, run, areStageNamesStable }: Examined): boolean {
  const ways = [preload, run].flatMap((way) => [way.isStdoutSame, way.isExitSame, way.areAnswersSame ?? true]);
  return ways.every(Boolean) && areStageNamesStable;
}

/** Those that were not chosen keep what was found of them before. */
function write(): void {
  const before = existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as { strangers: Examined[] }).strangers
    : [];
  const all = strangers.flatMap(({ name }) => {
    const found = [...examined, ...before].find((result) => result.name === name);
    return found === undefined ? [] : [found];
  });
  const machine = { cores: availableParallelism(), node: process.version, platform: process.platform };
  writeFileSync(file, `${JSON.stringify({ machine, strangers: all }, null, 2)}\n`);
}
