import { mkdir } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { installedFlightFile, openFlightFile } from "./data-file.ts";
import { Decode } from "./decode.ts";
import { Failure, firstLine } from "./failure.ts";
import { Features } from "./features.ts";
import { FlightTables } from "./flight-tables.ts";
import type { Options } from "./options.ts";
import { type Acknowledged, Progress } from "./progress.ts";
import { Read } from "./read.ts";
import { loadModel, modelFile, Score } from "./score.ts";
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
  const model = await loadModel(modelFile);
  const tables = await FlightTables.create(folder, settings.storeCopies);
  const progress = new Progress({ folder, show, nowMs: () => performance.now() });

  const read = new Read(file, { batchRows, rowLimit, stopAfterMs: options.seconds * 1000 }, settings);
  const decode = new Decode(settings);
  const features = new Features(settings);
  const score = new Score(model, settings);
  const store = new Store(tables, (batch) => progress.acknowledge(batch), settings);
  await pipeline(read, decode, features, score, store);
  return progress.finish();
}
