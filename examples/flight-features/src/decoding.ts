import type { FlightBatch, RawBatch } from "./batch.ts";
import { EveryOther } from "./every-other.ts";
import { FlightDecoder } from "./flight-decoder.ts";
import type { Settings } from "./settings.ts";

/** Raw batches to clean flights, as often as the settings say. */
export class Decoding {
  readonly #passes: number;
  readonly #decoder = new FlightDecoder();
  readonly #everyOther: EveryOther<FlightBatch>;

  constructor(settings: Pick<Settings, "decodePasses" | "halved">) {
    this.#passes = settings.decodePasses;
    this.#everyOther = new EveryOther(settings.halved === "decode");
  }

  /** @throws Error if the passes disagree */
  decode(batch: RawBatch): FlightBatch {
    return this.#everyOther.take() ?? this.#everyOther.keep(this.#decoded(batch));
  }

  #decoded(batch: RawBatch): FlightBatch {
    let flights = this.#decoder.decode(batch);
    for (let pass = 1; pass < this.#passes; pass++) {
      const again = this.#decoder.decode(batch);
      if (!areSame(flights, again)) throw new Error(`pass ${pass + 1} of decode disagrees with the one before it`);
      flights = again;
    }
    return flights;
  }
}

function areSame(one: FlightBatch, other: FlightBatch): boolean {
  if (one.flights !== other.flights) return false;
  for (let index = 0; index < one.flights; index++) {
    if (
      one.departureMinutes[index] !== other.departureMinutes[index] ||
      one.delayMinutes[index] !== other.delayMinutes[index] ||
      one.distanceMiles[index] !== other.distanceMiles[index] ||
      one.routeIds[index] !== other.routeIds[index]
    ) {
      return false;
    }
  }
  return true;
}
