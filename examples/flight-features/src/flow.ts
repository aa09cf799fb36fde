import { mkdir } from "node:fs/promises";
import type { ScoredBatch } from "./batch.ts";
import { installedFlightFile, openFlightFile } from "./data-file.ts";
import { DelayBoard } from "./delay-board.ts";
import { Failure, firstLine } from "./failure.ts";
import { FlightTables } from "./flight-tables.ts";
import type { Options } from "./options.ts";
import { PoolScoring } from "./pool-scoring.ts";
import { type Acknowledged, Progress } from "./progress.ts";
import { Reading } from "./reading.ts";
import { RecentFlights } from "./recent-flights.ts";
import { RemoteScoring } from "./remote-scoring.ts";
import { startScorer } from "./scorer-process.ts";
import type { Scoring } from "./scoring.ts";
import type { Settings } from "./settings.ts";
import { Storing } from "./storing.ts";

/** Flights that travel together from stage to stage. */
export const batchRows = 500;

/** What has to be opened before the stages, and closed by them. */
export interface Ends {
  readonly reading: Reading;
  readonly scoring: Scoring;
  readonly storing: Storing;
}

/** Takes all flights from the one end through decode, features and score to the other, and closes both. */
export type Connect = (ends: Ends, settings: Settings) => Promise<void>;

/**
 * Reads, decodes, featurises, scores and stores the flights.
 *
 * @throws Failure for what the user can mend
 */
export async function processFlights(
  options: Options,
  settings: Settings,
  connect: Connect,
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
  const recent = new RecentFlights(settings);
  const board = new DelayBoard(settings);
  const acknowledge = (batch: ScoredBatch): void => {
    progress.acknowledge(batch);
    recent.add(batch);
    board.add(batch);
  };
  const reading = new Reading(file, { batchRows, rowLimit, stopAfterMs: options.seconds * 1000 }, settings);
  const storing = new Storing(tables, acknowledge, settings);
  board.start();
  await connect({ reading, scoring, storing }, settings).finally(() => board.stop());
  return progress.finish();
}

/** @throws Failure if the scorer does not start */
export async function openScoring(settings: Settings): Promise<Scoring> {
  if (settings.scoring === "pool") return new PoolScoring(settings);
  return new RemoteScoring(await startScorer(settings));
}
