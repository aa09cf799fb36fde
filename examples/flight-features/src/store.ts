import { Writable } from "node:stream";
import type { ScoredBatch } from "./batch.ts";
import { batchesInFlight } from "./settings.ts";
import type { Storing } from "./storing.ts";

/** Scored flights to their tables. */
export class Store extends Writable {
  readonly #storing: Storing;

  /** @param storing - the stream's from now on: it closes it */
  constructor(storing: Storing) {
    super({ objectMode: true, highWaterMark: batchesInFlight });
    this.#storing = storing;
  }

  override _write(batch: ScoredBatch, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#storing.store(batch).then(() => callback(), callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#storing.close().then(() => callback(), callback);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (error === null) callback(null);
    else this.#storing.dispose().then(() => callback(error));
  }
}
