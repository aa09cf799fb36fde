import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseRecording } from "@pinchpoint/verdict";
import { defaultSettings } from "../../examples/flight-features/src/settings.ts";
import { type FlightRun, newFlightRun, pinchpointCommand } from "../../scripts/flight-run.ts";
import type { Way } from "./command.ts";
import { handedOver, itemsOf } from "./handed-over.ts";
import { Lane } from "./lane.ts";
import { type PairedLoss, pairedLoss } from "./paired-loss.ts";
import { recordedEnvironment } from "./program-process.ts";

const APPLICATION = join(import.meta.dirname, "flights-in-turns.ts");
/** About what `npm start` processes in its twenty seconds. */
const ROWS = 1_500_000;
/** In memory, where there is such a folder: then the event loop limits and not the disk, the hardest case for a recorder. */
const MEMORY_FOLDER = "/dev/shm";

/** Its pool goes on with what it was given, which must not be in the other's turn. */
const AFTER_TURN_MS = 100;

export const WANTED_WIDTH_POINTS = 1.2;
const FEWEST_PAIRS = 10;
export const TARGET_POINTS = 3;

/**
 * What recording takes of the throughput, of whole runs with all that start and end of a pipeline cost. The two runs of
 * a pair take turns of most of a second, so that a machine whose speed drifts is as fast for the one as for the
 * other.
 */
export interface Overhead extends PairedLoss {
  readonly rows: number;
  /** The loss of flights per second of the main thread's CPU. */
  readonly byLoopCpu: PairedLoss;
  /** Median throughput without Pinchpoint, flights a second. */
  readonly bareRowsPerSecond: number;
  /** Whether each recorded run counted exactly the batches that the application acknowledged. */
  readonly isEveryItemCounted: boolean;
  /** Of each pair, in the order in which they ran: milliseconds by the wall clock without and with the preload. */
  readonly wallMs: readonly (readonly [number, number])[];
}

/**
 * The flight example bare and recorded, in pairs, until the interval is narrow enough.
 *
 * @param mostPairs - where to stop on a machine that scatters too much for that; at least 10
 */
export async function measureOverhead(
  way: Way,
  mostPairs: number,
  onPair: (loss: PairedLoss) => void,
): Promise<Overhead> {
  if (existsSync(MEMORY_FOLDER)) process.env.TMPDIR = MEMORY_FOLDER;
  // A pair that nobody counts: files and compiled code come into the machine's caches.
  await runPair(way);
  const pairs: Pair[] = [];
  let loss: PairedLoss | null = null;
  while (pairs.length < mostPairs) {
    pairs.push(await runPair(way));
    if (pairs.length < FEWEST_PAIRS) continue;
    loss = pairedLoss(pairs.map(({ wallMs: [without, withIt] }) => ratesOf(without, withIt)));
    onPair(loss);
    if (loss.highPoints - loss.lowPoints < WANTED_WIDTH_POINTS) break;
  }
  const bareRates = pairs.map(({ wallMs: [without] }) => (1000 * ROWS) / without).sort((a, b) => a - b);
  return {
    ...(loss as PairedLoss),
    rows: ROWS,
    byLoopCpu: pairedLoss(pairs.map(({ loopMs: [without, withIt] }) => ratesOf(without, withIt))),
    bareRowsPerSecond: bareRates[Math.floor(bareRates.length / 2)] as number,
    isEveryItemCounted: pairs.every(({ isEveryItemCounted }) => isEveryItemCounted),
    wallMs: pairs.map(({ wallMs: [without, withIt] }) => [Math.round(without), Math.round(withIt)] as const),
  };
}

interface Pair {
  /** Without and with the preload. */
  readonly wallMs: readonly [number, number];
  readonly loopMs: readonly [number, number];
  readonly isEveryItemCounted: boolean;
}

/** Two runs of the same flights, turn by turn; which of them goes first in a turn is drawn for each. */
async function runPair(way: Way): Promise<Pair> {
  const [bareRun, recordedRun] = [newFlightRun(defaultSettings), newFlightRun(defaultSettings)];
  const bare = new Lane(commandOf(bareRun), bareRun.folder, {});
  const recorded = lanes[way](recordedRun);
  try {
    while (!bare.isOver || !recorded.isOver) {
      const order = Math.random() < 0.5 ? [bare, recorded] : [recorded, bare];
      for (const lane of order) {
        if (lane.isOver) continue;
        await lane.turn();
        await pause(AFTER_TURN_MS);
      }
    }
    return {
      wallMs: [bare.wallMs, recorded.wallMs],
      loopMs: [bare.loopMs, recorded.loopMs],
      isEveryItemCounted: isEveryBatchCounted(recordedRun, way),
    };
  } finally {
    for (const lane of [bare, recorded]) lane.stop();
    for (const run of [bareRun, recordedRun]) run.remove();
  }
}

const lanes: Record<Way, (run: FlightRun) => Lane> = {
  preload: (run) => new Lane(commandOf(run), run.folder, recordedEnvironment(run.folder)),
  run: (run) => new Lane(pinchpointCommand(["--record", run.path("recording.jsonl")], commandOf(run)), run.folder, {}),
};

function commandOf(run: FlightRun): readonly string[] {
  return [process.execPath, APPLICATION, "--out", run.folder, "--quiet", "--limit", String(ROWS)];
}

function ratesOf(withoutMs: number, withMs: number): { readonly without: number; readonly with: number } {
  return { without: ROWS / withoutMs, with: ROWS / withMs };
}

function isEveryBatchCounted(run: FlightRun, way: Way): boolean {
  const text = () => readFileSync(run.path("recording.jsonl"), "utf8");
  const recording = way === "run" ? parseRecording(text()) : handedOver(run.folder);
  if (recording === null) return false;
  const counted = itemsOf(recording, ({ role }) => role === "sink");
  return counted > 0 && counted === run.acknowledged()?.batches;
}
