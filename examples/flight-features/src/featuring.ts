import type { FeatureBatch, FlightBatch } from "./batch.ts";
import { DelayFeatures } from "./delay-features.ts";
import { EveryOther } from "./every-other.ts";
import type { Settings } from "./settings.ts";

/** Clean flights to flights with their features. */
export class Featuring {
  readonly #delays = new DelayFeatures();
  readonly #everyOther: EveryOther<FeatureBatch>;

  constructor(settings: Pick<Settings, "halved">) {
    this.#everyOther = new EveryOther(settings.halved === "features");
  }

  compute(batch: FlightBatch): FeatureBatch {
    return this.#everyOther.take() ?? this.#everyOther.keep({ ...batch, features: this.#delays.compute(batch) });
  }
}
