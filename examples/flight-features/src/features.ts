import { Transform, type TransformCallback } from "node:stream";
import type { FeatureBatch, FlightBatch } from "./batch.ts";
import { DelayFeatures } from "./delay-features.ts";
import { EveryOther } from "./every-other.ts";
import { batchesInFlight, type Settings } from "./settings.ts";

/** Clean flights to flights with their features. */
export class Features extends Transform {
  readonly #delays = new DelayFeatures();
  readonly #everyOther: EveryOther<FeatureBatch>;

  constructor(settings: Settings) {
    super({ objectMode: true, highWaterMark: batchesInFlight });
    this.#everyOther = new EveryOther(settings.halved === "features");
  }

  override _transform(batch: FlightBatch, _encoding: BufferEncoding, callback: TransformCallback): void {
    try {
      callback(null, this.#everyOther.take() ?? this.#everyOther.keep(this.#withFeatures(batch)));
    } catch (error) {
      callback(error as Error);
    }
  }

  #withFeatures(batch: FlightBatch): FeatureBatch {
    return { ...batch, features: this.#delays.compute(batch) };
  }
}
