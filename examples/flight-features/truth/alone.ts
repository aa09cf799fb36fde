import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { installedFlightFile, openFlightFile } from "../src/data-file.ts";
import { Decode } from "../src/decode.ts";
import { Features } from "../src/features.ts";
import { FlightTables } from "../src/flight-tables.ts";
import { batchRows, openScoring } from "../src/flow.ts";
import { Read } from "../src/read.ts";
import { Reading } from "../src/reading.ts";
import { Score } from "../src/score.ts";
import { defaultSettings, type Settings, type StageName, stageNames } from "../src/settings.ts";
import { Store } from "../src/store.ts";
import { Storing } from "../src/storing.ts";

export interface Alone {
  /** Share of the time in which the event loop was busy: near 1 for synchronous work. */
  readonly loopUse: number;
  readonly msPerBatch: number;
}

/** Runs one stage by itself, on inputs that were made beforehand, and looks at what it does to the event loop. */
export async function runAlone(stage: StageName, settings: Settings, batches: number): Promise<Alone> {
  const folder = await mkdtemp(join(tmpdir(), "flight-features-alone-"));
  const options = { batchRows, rowLimit: batches * batchRows, stopAfterMs: Number.POSITIVE_INFINITY };
  const source = async (given: Settings): Promise<Read> =>
    new Read(new Reading(await openFlightFile(installedFlightFile()), options, given));
  const build = {
    decode: () => new Decode(settings),
    features: () => new Features(settings),
    score: async () => new Score(await openScoring(settings), settings),
    store: async () =>
      new Store(new Storing(await FlightTables.create(folder, settings.storeCopies), () => {}, settings)),
  };
  const earlier = {
    decode: () => new Decode(defaultSettings),
    features: () => new Features(defaultSettings),
    score: async () => new Score(await openScoring(defaultSettings), defaultSettings),
  };
  try {
    if (stage === "read") {
      const read = await source(settings);
      return await watched(batches, () =>
        pipeline(read, new Writable({ objectMode: true, write: (_, __, done) => done() })),
      );
    }
    let inputs: unknown[] = await (await source(defaultSettings)).toArray();
    for (const name of stageNames.slice(1, stageNames.indexOf(stage)) as (keyof typeof earlier)[]) {
      const made = await earlier[name]();
      const collected = made.toArray();
      await pipeline(Readable.from(inputs), made);
      inputs = await collected;
    }
    const made = await build[stage]();
    if (made instanceof Store) return await watched(batches, () => pipeline(Readable.from(inputs), made));
    made.resume();
    return await watched(batches, () => pipeline(Readable.from(inputs), made));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function watched(batches: number, work: () => Promise<void>): Promise<Alone> {
  const start = performance.eventLoopUtilization();
  const startMs = performance.now();
  await work();
  return {
    loopUse: rounded(performance.eventLoopUtilization(start).utilization),
    msPerBatch: rounded((performance.now() - startMs) / batches),
  };
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
