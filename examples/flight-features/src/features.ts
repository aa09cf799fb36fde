import { Transform, type TransformCallback } from "node:stream";
import type { FlightBatch } from "./batch.ts";
import { Featuring } from "./featuring.ts";
import { batchesInFlight, type Settings } from "./settings.ts";

/** Clean flights to flights with their features. */
export class Features extends Transform {
  readonly #featuring: Featuring;

  constructor(settings: Settings) {
    super({ objectMode: true, highWaterMark: batchesInFlight });
    this.#featuring = new Featuring(settings);
  }

  override _transform(batch: FlightBatch, _encoding: BufferEncoding, callback: TransformCallback): void {
    try {
      callback(null, this.#featuring.compute(batch));
    } catch (error) {
      callback(error as Error);
    }
  }
}
