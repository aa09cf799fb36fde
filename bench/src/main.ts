// npm run bench -- overhead [--under run] [--json FILE] [--most PAIRS]
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { measureOverhead, TARGET_POINTS, WANTED_WIDTH_POINTS, type Way } from "./overhead.ts";

const GROUPS = ["overhead"];

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`npm run bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "string" },
      under: { type: "string", default: "preload" },
      most: { type: "string", default: "400" },
    },
  });
  const wrong = positionals.find((group) => !GROUPS.includes(group));
  if (wrong !== undefined || positionals.length === 0) {
    throw new Error(
      `${wrong === undefined ? "say which group" : `there is no group "${wrong}"`}: ${GROUPS.join(", ")}`,
    );
  }
  const way = wayOf(values.under);
  const overhead = await measureOverhead(
    way,
    mostPairsOf(values.most),
    ({ pairs, typicalPoints, lowPoints, highPoints }) => {
      const points = [typicalPoints, lowPoints, highPoints].map((value) => value.toFixed(2));
      console.log(`${pairs} pairs: ${points[0]} % lost, 95 % interval ${points[1]} to ${points[2]}`);
    },
  );
  const isNarrow = overhead.highPoints - overhead.lowPoints < WANTED_WIDTH_POINTS;
  const isMet = isNarrow && overhead.highPoints <= TARGET_POINTS && overhead.isEveryItemCounted;
  const rate = Math.round(overhead.bareRowsPerSecond).toLocaleString("en-US");
  console.log(`bare ${rate} flights/s; every item counted: ${overhead.isEveryItemCounted}; target met: ${isMet}`);
  const machine = { cores: availableParallelism(), node: process.version, platform: process.platform };
  const result = { machine, way, overhead: { ...overhead, targetPoints: TARGET_POINTS, isMet } };
  if (values.json !== undefined) {
    writeFileSync(resolve(process.env.INIT_CWD ?? ".", values.json), `${JSON.stringify(result, null, 2)}\n`);
  }
  return isMet ? 0 : 1;
}

function wayOf(text: string): Way {
  if (text !== "preload" && text !== "run") throw new Error(`--under must be preload or run, got "${text}"`);
  return text;
}

function mostPairsOf(text: string): number {
  const pairs = Number(text);
  if (!Number.isInteger(pairs) || pairs < 10)
    throw new Error(`--most must be a whole number from 10 on, got "${text}"`);
  return pairs;
}
