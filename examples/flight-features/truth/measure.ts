import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pinchNames, pinchSettings } from "../src/pinch.ts";
import { type Settings, type StageName, stageNames } from "../src/settings.ts";
import { runAlone } from "./alone.ts";
import { type BareRun, bareRun } from "./bare-run.ts";
import { type Aside, expectation, limiting, median } from "./judgement.ts";

/**
 * Establishes, without Pinchpoint, what limits the application under each pinch, and writes truth.json beside this
 * file. A candidate is doubled by halving its demand (setting `halved`); gains are medians of pairs of runs of the
 * same round.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "7" },
    repeats: { type: "string", default: "5" },
    pinch: { type: "string", multiple: true, default: [...pinchNames] },
    dry: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
const repeats = Number(values.repeats);
if (!(seconds > 0)) throw new Error(`--seconds must be a number above 0, got "${values.seconds}"`);
if (!(Number.isInteger(repeats) && repeats > 0)) {
  throw new Error(`--repeats must be a whole number above 0, got "${values.repeats}"`);
}
/** Twice of what a candidate has, by name; what does not apply to the settings is left out. */
function doublings(settings: Settings): Map<string, Settings> {
  const variants = new Map<string, Settings>(stageNames.map((name) => [name, { ...settings, halved: name }]));
  if (settings.scoring === "pool") variants.set("threads", { ...settings, scoreThreads: 2 * settings.scoreThreads });
  else variants.set("slots", { ...settings, remoteSlots: 2 * settings.remoteSlots });
  for (const [name, settingsThen] of asides(settings)) variants.set(name, settingsThen);
  return variants;
}

function asides(settings: Settings): Map<Aside, Settings> {
  const { boardPasses, recentFlights, heapMb } = settings;
  const variants = new Map<Aside, Settings>();
  if (boardPasses > 0) variants.set("board", { ...settings, halved: "board" });
  if (recentFlights > 0) variants.set("recent", { ...settings, halved: "recent" });
  if (heapMb !== null) variants.set("heap", { ...settings, heapMb: 2 * heapMb });
  return variants;
}

async function measure(pinch: string, settings: Settings) {
  const bare: BareRun[] = [];
  const loadBefore = rounded(loadavg()[0] ?? 0, 2);
  const variants = new Map<string | null, Settings>([[null, settings], ...doublings(settings)]);
  const names = [...variants.keys()];
  const ratios = new Map<string, number[]>();
  for (let round = 0; round < repeats; round++) {
    // Rotated, so that no variant always runs first.
    const order = names.map((_, index) => names[(index + round) % names.length] ?? null);
    const runs = new Map<string | null, BareRun>();
    for (const name of order) runs.set(name, await bareRun(variants.get(name)!, seconds));
    const reference = runs.get(null)!;
    bare.push(reference);
    for (const [name, { rowsPerSecond }] of runs) {
      if (name !== null) ratios.set(name, [...(ratios.get(name) ?? []), rowsPerSecond / reference.rowsPerSecond]);
    }
    const line = [...ratios].map(([name, all]) => `${name} ${all.at(-1)!.toFixed(2)}`).join("  ");
    console.error(`${pinch} ${round + 1}/${repeats}  ${Math.round(reference.rowsPerSecond)} rows/s  ${line}`);
  }
  const gainOf = (name: string) => rounded(median(ratios.get(name)!) - 1, 3);
  const gains = Object.fromEntries(stageNames.map((name) => [name, gainOf(name)])) as Record<StageName, number>;
  const asideGains: Partial<Record<Aside, number>> = Object.fromEntries(
    [...asides(settings).keys()].map((name) => [name, gainOf(name)]),
  );
  const best = stageNames.reduce((one, other) => (gains[other] > gains[one] ? other : one));
  const alone = best === "score" ? null : await runAlone(best, settings, 100);
  const loopUse = rounded(median(bare.map((run) => run.loopUse)), 2);
  const cpuUse = rounded(median(bare.map((run) => run.cpuUse)), 2);
  const gcUse = rounded(median(bare.map((run) => run.gcUse)), 2);
  const threadsGain = ratios.has("threads") ? gainOf("threads") : null;
  const slotsGain = ratios.has("slots") ? gainOf("slots") : null;
  return {
    expected: expectation({ gains, asideGains, loopUse, gcUse, cpuUse, threadsGain, slotsGain, alone }),
    how: {
      settings,
      rounds: repeats,
      secondsOfEachRun: seconds,
      /** One-minute load average before the first run: what else the machine was doing. */
      loadBefore,
      rowsPerSecond: Math.round(median(bare.map((run) => run.rowsPerSecond))),
      batchesPerSecond: Math.round(median(bare.map((run) => run.batchesPerSecond))),
      gainWhenDoubled: gains,
      gainOfAsides: asideGains,
      gainOfTwiceTheThreads: threadsGain,
      gainOfTwiceTheSlots: slotsGain,
      gainOfEachRound: Object.fromEntries(
        [...ratios].map(([name, all]) => [name, all.map((one) => rounded(one - 1, 3))]),
      ),
      limiting: limiting<string>({ ...gains, ...asideGains }),
      eventLoopUseOfBareRun: loopUse,
      gcUseOfBareRun: gcUse,
      markSweepShareOfGc: rounded(median(bare.map((run) => run.markSweepShare)), 2),
      cpuUseOfBareRun: cpuUse,
      ...(alone === null ? {} : { [`${best}Alone`]: alone }),
    },
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

const file = fileURLToPath(new URL("truth.json", import.meta.url));
const before = await readFile(file, "utf8").then(JSON.parse, () => ({ pinches: {} }));
const pinches: Record<string, unknown> = { ...before.pinches };
for (const name of values.pinch) pinches[name] = await measure(name, pinchSettings(name));
const truth = {
  machine: { cpu: cpus()[0]?.model ?? "unknown", cores: availableParallelism(), node: process.version },
  method:
    "The application alone, without Pinchpoint, in rounds of one run each, bare and with every candidate doubled, " +
    "in rotating order. A candidate is doubled by really halving its demand: the stage works on every second batch " +
    "and repeats its last result for the others (a doubled source waits or decompresses for every second batch); " +
    "what the application does apart from its stages is done every second time, and the heap may grow twice as large. " +
    "Gain: median over the rounds of acknowledged rows per second against the bare run of the same round, minus 1. " +
    "Limiting: within 20 % of the best gain; none if that is under 3 %. Event loop or not: event-loop utilisation " +
    "of the bare run, and of the limiting stage run by itself. Where scoring limits: the scorer if twice its slots " +
    "bring as much, the cores if they are full and twice the pool's threads bring less than a fifth of that, else the pool. " +
    "Where what is kept of the flights limits: the garbage collection if that takes over 15 % of the main thread.",
  pinches,
};
if (values.dry) console.log(JSON.stringify(truth, null, 2));
else await writeFile(file, `${JSON.stringify(truth, null, 2)}\n`);
