import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseRecording } from "@pinchpoint/verdict";
import {
  applicationCommand,
  type FlightRun,
  newFlightRun,
  pinchpointCommand,
  start,
} from "../../scripts/flight-run.ts";
import { type PairedLoss, pairedLoss } from "./paired-loss.ts";

/**
 * Some nine seconds: loading what hands over costs about 60 ms once, which would be 3 % of a run of two. Short enough that
 * neighbours on the machine hit both runs of a pair.
 */
const ROWS = 600_000;
/**
 * In memory, where there is such a folder: then the event loop limits and not the disk's patience, which is the hardest
 * case for a recorder and the one with the least scatter.
 */
const MEMORY_FOLDER = "/dev/shm";
export const WANTED_WIDTH_POINTS = 2;
const FEWEST_PAIRS = 10;
export const TARGET_POINTS = 3;

/**
 * What the preload takes of the throughput that the event loop allows: the main thread's CPU time for each flight, which
 * is what limits a pipeline on a busy loop. The wall clock says the same with the scatter of everything else that the
 * machine does, so that its interval stands beside it and does not decide when to stop.
 */
export interface Overhead extends PairedLoss {
  readonly rows: number;
  /** The loss of flights a second by the wall clock. */
  readonly byWallClock: PairedLoss;
  /** Median throughput without Pinchpoint, flights a second. */
  readonly bareRowsPerSecond: number;
  /** Whether each recorded run counted exactly the batches that the application acknowledged. */
  readonly isEveryItemCounted: boolean;
}

/**
 * The flight example bare and under `pinchpoint run`, in pairs of random order, until the interval is narrow enough.
 *
 * @param mostPairs - where to stop on a machine that scatters too much for that; at least 10
 */
export async function measureOverhead(mostPairs: number, onPair: (loss: PairedLoss) => void): Promise<Overhead> {
  if (existsSync(MEMORY_FOLDER)) process.env.TMPDIR = MEMORY_FOLDER;
  process.env.NODE_OPTIONS = `--require ${JSON.stringify(join(import.meta.dirname, "loop-cpu.cjs"))}`;
  const byLoop: { without: number; with: number }[] = [];
  const byWallClock: { without: number; with: number }[] = [];
  let isEveryItemCounted = true;
  const bare = () => finished((run) => applicationCommand(run, appOptions()));
  const recorded = async () => {
    const result = await finished((run) =>
      pinchpointCommand(["--record", run.path("recording.jsonl")], applicationCommand(run, appOptions())),
    );
    isEveryItemCounted &&= result.countedBatches === result.batches;
    return result;
  };
  // One run of each that nobody counts: files and compiled code come into the machine's caches.
  await bare();
  await recorded();
  let loss: PairedLoss | null = null;
  while (byLoop.length < mostPairs) {
    const isBareFirst = Math.random() < 0.5;
    const first = await (isBareFirst ? bare() : recorded());
    const second = await (isBareFirst ? recorded() : bare());
    const [without, withIt] = isBareFirst ? [first, second] : [second, first];
    byLoop.push({ without: without.rows / without.loopSeconds, with: withIt.rows / withIt.loopSeconds });
    byWallClock.push({ without: without.rows / without.seconds, with: withIt.rows / withIt.seconds });
    if (byLoop.length < FEWEST_PAIRS) continue;
    loss = pairedLoss(byLoop);
    onPair(loss);
    if (loss.highPoints - loss.lowPoints < WANTED_WIDTH_POINTS) break;
  }
  const bareRates = byWallClock.map((pair) => pair.without).sort((a, b) => a - b);
  const bareRowsPerSecond = bareRates[Math.floor(bareRates.length / 2)] as number;
  return {
    ...(loss as PairedLoss),
    rows: ROWS,
    byWallClock: pairedLoss(byWallClock),
    bareRowsPerSecond,
    isEveryItemCounted,
  };
}

interface Finished {
  readonly rows: number;
  readonly batches: number;
  readonly seconds: number;
  /** CPU of the main thread, from the end of the preloads on. */
  readonly loopSeconds: number;
  /** Batches that the recording says the last stage finished; null of a bare run. */
  readonly countedBatches: number | null;
}

async function finished(commandOf: (run: FlightRun) => readonly string[]): Promise<Finished> {
  const run = newFlightRun(null);
  try {
    const { exitCode, errorOutput } = await start(run, commandOf(run), false);
    const acknowledged = run.acknowledged();
    if (exitCode !== 0 || acknowledged === null) throw new Error(`the example ended with ${exitCode}\n${errorOutput}`);
    const { rows, batches, seconds } = acknowledged;
    const loopSeconds = (JSON.parse(readFileSync(run.path("loop-cpu.json"), "utf8")) as { seconds: number }).seconds;
    return { rows, batches, seconds, loopSeconds, countedBatches: countedBatches(run) };
  } finally {
    run.remove();
  }
}

function countedBatches(run: FlightRun): number | null {
  let text: string;
  try {
    text = readFileSync(run.path("recording.jsonl"), "utf8");
  } catch {
    return null;
  }
  const { header, snapshots } = parseRecording(text);
  const sink = header.stages.find(({ role }) => role === "sink");
  const rows = snapshots.at(-1)?.stages.filter(({ stage }) => stage === sink?.id) ?? [];
  return rows.reduce((sum, { items }) => sum + items, 0);
}

function appOptions(): readonly string[] {
  return ["--quiet", "--limit", String(ROWS)];
}
