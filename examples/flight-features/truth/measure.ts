import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pinchNames, pinchSettings } from "../src/pinch.ts";
import { defaultSettings, type Settings, type StageName, stageNames } from "../src/settings.ts";
import { runAlone } from "./alone.ts";
import { type BareRun, bareRun } from "./bare-run.ts";
import { expectation, limiting, median } from "./judgement.ts";

/**
 * Establishes, without Pinchpoint, what limits the application under each pinch, and writes truth.json beside this
 * file. A candidate is doubled by halving its demand (setting `halved`); gains are medians of pairs of runs of the
 * same round.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "7" },
    repeats: { type: "string", default: "5" },
    pinch: { type: "string", multiple: true, default: [...pinchNames, "none"] },
    dry: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
const repeats = Number(values.repeats);
if (!(seconds > 0)) throw new Error(`--seconds must be a number above 0, got "${values.seconds}"`);
if (!(Number.isInteger(repeats) && repeats > 0)) {
  throw new Error(`--repeats must be a whole number above 0, got "${values.repeats}"`);
}
const variants = [null, ...stageNames] as const;

async function measure(pinch: string, settings: Settings) {
  const bare: BareRun[] = [];
  const loadBefore = rounded(loadavg()[0] ?? 0, 2);
  const ratios = Object.fromEntries(stageNames.map((name) => [name, [] as number[]])) as Record<StageName, number[]>;
  for (let round = 0; round < repeats; round++) {
    // Rotated, so that no variant always runs first.
    const order = variants.map((_, index) => variants[(index + round) % variants.length] ?? null);
    const runs = new Map<StageName | null, BareRun>();
    for (const halved of order) runs.set(halved, await bareRun({ ...settings, halved }, seconds));
    const reference = runs.get(null)!;
    bare.push(reference);
    for (const name of stageNames) ratios[name].push(runs.get(name)!.rowsPerSecond / reference.rowsPerSecond);
    const line = stageNames.map((name) => `${name} ${ratios[name].at(-1)!.toFixed(2)}`).join("  ");
    console.error(`${pinch} ${round + 1}/${repeats}  ${Math.round(reference.rowsPerSecond)} rows/s  ${line}`);
  }
  const gains = Object.fromEntries(stageNames.map((name) => [name, rounded(median(ratios[name]) - 1, 3)])) as Record<
    StageName,
    number
  >;
  const best = stageNames.reduce((one, other) => (gains[other] > gains[one] ? other : one));
  const alone = await runAlone(best, settings, 100);
  const loopUse = rounded(median(bare.map((run) => run.loopUse)), 2);
  return {
    expected: expectation({ gains, loopUse, alone }),
    how: {
      settings,
      rounds: repeats,
      secondsOfEachRun: seconds,
      /** One-minute load average before the first run: what else the machine was doing. */
      loadBefore,
      rowsPerSecond: Math.round(median(bare.map((run) => run.rowsPerSecond))),
      batchesPerSecond: Math.round(median(bare.map((run) => run.batchesPerSecond))),
      gainWhenDoubled: gains,
      gainOfEachRound: Object.fromEntries(
        stageNames.map((name) => [name, ratios[name].map((ratio) => rounded(ratio - 1, 3))]),
      ),
      limiting: limiting(gains),
      eventLoopUseOfBareRun: loopUse,
      [`${best}Alone`]: alone,
    },
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

const file = fileURLToPath(new URL("truth.json", import.meta.url));
const before = await readFile(file, "utf8").then(JSON.parse, () => ({ pinches: {} }));
const pinches: Record<string, unknown> = { ...before.pinches };
let unpinched: unknown = before.unpinched;
for (const name of values.pinch) {
  if (name === "none") unpinched = await measure(name, defaultSettings);
  else pinches[name] = await measure(name, pinchSettings(name));
}
const truth = {
  machine: { cpu: cpus()[0]?.model ?? "unknown", cores: availableParallelism(), node: process.version },
  method:
    "The application alone, without Pinchpoint, in rounds of one run each, bare and with every candidate doubled, " +
    "in rotating order. A candidate is doubled by really halving its demand: the stage works on every second batch " +
    "and repeats its last result for the others (a doubled source waits or decompresses for every second batch). " +
    "Gain: median over the rounds of acknowledged rows per second against the bare run of the same round, minus 1. " +
    "Limiting: within 20 % of the best gain; none if that is under 3 %. Event loop or not: event-loop utilisation " +
    "of the bare run, and of the limiting stage run by itself.",
  pinches,
  unpinched,
};
if (values.dry) console.log(JSON.stringify(truth, null, 2));
else await writeFile(file, `${JSON.stringify(truth, null, 2)}\n`);
