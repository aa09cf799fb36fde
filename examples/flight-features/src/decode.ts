import { Transform, type TransformCallback } from "node:stream";
import type { RawBatch } from "./batch.ts";
import { Decoding } from "./decoding.ts";
import { batchesInFlight, type Settings } from "./settings.ts";

/** Raw batches to clean flights. */
export class Decode extends Transform {
  readonly #decoding: Decoding;

  constructor(settings: Settings) {
    super({ objectMode: true, highWaterMark: batchesInFlight });
    this.#decoding = new Decoding(settings);
  }

  override _transform(batch: RawBatch, _encoding: BufferEncoding, callback: TransformCallback): void {
    try {
      callback(null, this.#decoding.decode(batch));
    } catch (error) {
      callback(error as Error);
    }
  }
}
