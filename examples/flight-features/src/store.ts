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
  /** The write that is under way, or the last one; it never rejects. */
  #written: Promise<unknown> = Promise.resolve();

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
    if (error === null) {
      callback(null);
      return;
    }
    // A connection that is closed within a statement may leave the process hanging.
    this.#written.then(() => {
      this.#tables.dispose();
      callback(error);
    });
  }

  async #store(batch: ScoredBatch): Promise<void> {
    if (this.#everyOther.take() === undefined) {
      const written = this.#tables.write(batch);
      this.#written = written.catch(() => {});
      await written;
      this.#everyOther.keep("written");
    }
    this.#acknowledge(batch);
  }
}
