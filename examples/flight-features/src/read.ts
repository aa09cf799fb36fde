import { Readable } from "node:stream";
import type { Reading } from "./reading.ts";
import { batchesInFlight } from "./settings.ts";

/** Raw batches. */
export class Read extends Readable {
  readonly #reading: Reading;

  /** @param reading - the stream's from now on: it closes it */
  constructor(reading: Reading) {
    super({ objectMode: true, highWaterMark: batchesInFlight });
    this.#reading = reading;
  }

  override _read(): void {
    this.#reading.next().then(
      (batch) => this.push(batch),
      (error: Error) => this.destroy(error),
    );
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#reading.close().then(() => callback(error), callback);
  }
}
