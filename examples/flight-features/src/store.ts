import { Writable } from "node:stream";
import type { ScoredBatch } from "./batch.ts";
import { EveryOther } from "./every-other.ts";
import type { FlightTables } from "./flight-tables.ts";
import { batchesInFlight, type Settings } from "./settings.ts";

/** Writes scored flights and acknowledges each batch once it is committed. */
export class Store extends Writable {
  readonly #tables: FlightTables;
  readonly #acknowledge: (batch: ScoredBatch) => void;
  readonly #everyOther: EveryOther<"written">;

  constructor(tables: FlightTables, acknowledge: (batch: ScoredBatch) => void, settings: Settings) {
    super({ objectMode: true, highWaterMark: batchesInFlight });
    this.#tables = tables;
    this.#acknowledge = acknowledge;
    this.#everyOther = new EveryOther(settings.halved === "store");
  }

  override _write(batch: ScoredBatch, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#store(batch).then(() => callback(), callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#tables.close().then(() => callback(), callback);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (error !== null) this.#tables.dispose();
    callback(error);
  }

  async #store(batch: ScoredBatch): Promise<void> {
    if (this.#everyOther.take() === undefined) {
      await this.#tables.write(batch);
      this.#everyOther.keep("written");
    }
    this.#acknowledge(batch);
  }
}
