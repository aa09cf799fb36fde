import { mkdir } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { installedFlightFile, openFlightFile } from "./data-file.ts";
import { Decode } from "./decode.ts";
import { Failure, firstLine } from "./failure.ts";
import { Features } from "./features.ts";
import { FlightTables } from "./flight-tables.ts";
import type { Options } from "./options.ts";
import { PoolScoring } from "./pool-scoring.ts";
import { type Acknowledged, Progress } from "./progress.ts";
import { Read } from "./read.ts";
import { RemoteScoring } from "./remote-scoring.ts";
import { Score } from "./score.ts";
import { startScorer } from "./scorer-process.ts";
import type { Scoring } from "./scoring.ts";
import type { Settings } from "./settings.ts";
import { Store } from "./store.ts";

/** Flights that travel together from stage to stage. */
export const batchRows = 500;

/**
 * Reads, decodes, featurises, scores and stores the flights.
 *
 * @throws Failure for what the user can mend
 */
export async function processFlights(
  options: Options,
  settings: Settings,
  show: (line: string) => void,
): Promise<Acknowledged> {
  const { outputFolder: folder, rowLimit } = options;
  const file = await openFlightFile(options.dataFile ?? installedFlightFile());
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new Failure(`cannot make the output folder ${folder} (${firstLine(cause)})`, { cause });
  });
  const tables = await FlightTables.create(folder, settings.storeCopies);
  const scoring = await openScoring(settings).catch((error: unknown) => {
    tables.dispose();
    throw error;
  });
  const progress = new Progress({ folder, show, nowMs: () => performance.now() });

  const read = new Read(file, { batchRows, rowLimit, stopAfterMs: options.seconds * 1000 }, settings);
  const decode = new Decode(settings);
  const features = new Features(settings);
  const score = new Score(scoring, settings);
  const store = new Store(tables, (batch) => progress.acknowledge(batch), settings);
  await pipeline(read, decode, features, score, store);
  return progress.finish();
}

/** @throws Failure if the scorer does not start */
export async function openScoring(settings: Settings): Promise<Scoring> {
  if (settings.scoring === "pool") return new PoolScoring(settings);
  return new RemoteScoring(await startScorer(settings));
}
