import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { Writable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import type { FeatureBatch } from "../src/batch.ts";
import { installedFlightFile, openFlightFile } from "../src/data-file.ts";
import { Decode } from "../src/decode.ts";
import { featureNames } from "../src/delay-features.ts";
import { Features } from "../src/features.ts";
import { Read } from "../src/read.ts";
import { Reading } from "../src/reading.ts";
import { defaultSettings } from "../src/settings.ts";

/**
 * Runs the application's own read, decode and features over the whole file and writes what the model is trained on:
 * FILE with little-endian 32-bit floats, row-major, and FILE.json with the names of its columns.
 */
const { values } = parseArgs({ options: { out: { type: "string" } } });
if (values.out === undefined) throw new Error("usage: node model/export-features.ts --out FILE");

const columns = [...featureNames, "delay_minutes", "departure_minute", "origin_id", "destination_id", "route_id"];
const bytes = createWriteStream(values.out);
let rows = 0;

class Export extends Writable {
  override _write(batch: FeatureBatch, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    const table = new Float32Array(batch.flights * columns.length);
    for (let row = 0; row < batch.flights; row++) {
      const start = row * columns.length;
      const first = row * featureNames.length;
      table.set(batch.features.subarray(first, first + featureNames.length), start);
      table.set(
        [
          batch.delayMinutes[row]!,
          batch.departureMinutes[row]!,
          batch.originIds[row]!,
          batch.destinationIds[row]!,
          batch.routeIds[row]!,
        ],
        start + featureNames.length,
      );
    }
    rows += batch.flights;
    bytes.write(new Uint8Array(table.buffer), callback);
  }
}

const read = new Read(
  new Reading(
    await openFlightFile(installedFlightFile()),
    { batchRows: 2000, rowLimit: Number.POSITIVE_INFINITY, stopAfterMs: Number.POSITIVE_INFINITY },
    defaultSettings,
  ),
);
await pipeline(read, new Decode(defaultSettings), new Features(defaultSettings), new Export({ objectMode: true }));
bytes.end();
await finished(bytes);
await writeFile(`${values.out}.json`, `${JSON.stringify({ columns, features: featureNames.length, rows })}\n`);
