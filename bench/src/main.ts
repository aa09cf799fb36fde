// npm run bench -- overhead [--under run] [--json FILE] [--most PAIRS]
// npm run bench -- join [--json FILE]
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { measureJoin, type RequestCost } from "./join.ts";
import { measureOverhead, TARGET_POINTS, WANTED_WIDTH_POINTS, type Way } from "./overhead.ts";

interface Options {
  readonly way: Way;
  readonly mostPairs: number;
}

/** What a group found, and whether that is what was promised. */
interface Found {
  readonly result: object;
  readonly isMet: boolean;
}

const groups: Record<string, (options: Options) => Promise<Found>> = { overhead, join };

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
  const [name, more] = positionals;
  const group = groups[name ?? ""];
  if (group === undefined || more !== undefined) {
    const fault =
      name === undefined ? "say which group" : more === undefined ? `there is no group "${name}"` : "say one";
    throw new Error(`${fault}: ${Object.keys(groups).join(", ")}`);
  }
  const { result, isMet } = await group({ way: wayOf(values.under), mostPairs: mostPairsOf(values.most) });
  const machine = { cores: availableParallelism(), node: process.version, platform: process.platform };
  if (values.json !== undefined) {
    const text = `${JSON.stringify({ machine, ...result }, null, 2)}\n`;
    writeFileSync(resolve(process.env.INIT_CWD ?? ".", values.json), text);
  }
  return isMet ? 0 : 1;
}

async function overhead({ way, mostPairs }: Options): Promise<Found> {
  const overhead = await measureOverhead(way, mostPairs, ({ pairs, typicalPoints, lowPoints, highPoints }) => {
    const points = [typicalPoints, lowPoints, highPoints].map((value) => value.toFixed(2));
    console.log(`${pairs} pairs: ${points[0]} % lost, 95 % interval ${points[1]} to ${points[2]}`);
  });
  const isNarrow = overhead.highPoints - overhead.lowPoints < WANTED_WIDTH_POINTS;
  const isMet = isNarrow && overhead.highPoints <= TARGET_POINTS && overhead.isEveryItemCounted;
  const rate = Math.round(overhead.bareRowsPerSecond).toLocaleString("en-US");
  console.log(`bare ${rate} flights/s; every item counted: ${overhead.isEveryItemCounted}; target met: ${isMet}`);
  return { result: { way, overhead: { ...overhead, targetPoints: TARGET_POINTS, isMet } }, isMet };
}

async function join(): Promise<Found> {
  const join = await measureJoin();
  const tell = (what: string, { bareMicroseconds, recordedMicroseconds, added }: RequestCost) =>
    console.log(
      `${what}: ${Math.round(bareMicroseconds)} -> ${Math.round(recordedMicroseconds)} µs of CPU a request, ` +
        `${added.typical.toFixed(0)} µs more (95 % interval ${added.low.toFixed(0)} to ${added.high.toFixed(0)})`,
    );
  tell("whole", join.whole);
  tell("piped", join.piped);
  const { typical, low, high } = join.joinMicroseconds;
  console.log(`a join: ${typical.toFixed(1)} µs (95 % interval ${low.toFixed(1)} to ${high.toFixed(1)})`);
  return { result: { join }, isMet: true };
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
