import type { ScoredBatch } from "./batch.ts";
import { EveryOther } from "./every-other.ts";
import type { Settings } from "./settings.ts";

/** A flight as look-ups and pages want it. */
export interface RecentFlight {
  readonly departure: { readonly minute: number };
  readonly origin: { readonly airport: string };
  readonly destination: { readonly airport: string };
  readonly delay: { readonly minutes: number };
  readonly distance: { readonly miles: number };
  readonly late: { readonly probability: number };
}

/** The newest flights as plain objects; each takes the place of the oldest one. */
export class RecentFlights {
  readonly #size: number;
  readonly #copies: number;
  readonly #everyOther: EveryOther<"kept">;
  readonly #flights: RecentFlight[] = [];
  #next = 0;

  constructor({ recentFlights, recentCopies, halved }: Pick<Settings, "recentFlights" | "recentCopies" | "halved">) {
    this.#copies = recentCopies;
    this.#size = recentFlights * recentCopies;
    this.#everyOther = new EveryOther(halved === "recent");
  }

  get count(): number {
    return this.#flights.length / this.#copies;
  }

  add(batch: ScoredBatch): void {
    if (this.#size === 0 || this.#everyOther.take() !== undefined) return;
    for (let index = 0; index < batch.flights; index++) {
      for (let copy = 0; copy < this.#copies; copy++) this.#keep(recentFlight(batch, index));
    }
    this.#everyOther.keep("kept");
  }

  #keep(flight: RecentFlight): void {
    this.#flights[this.#next] = flight;
    this.#next = (this.#next + 1) % this.#size;
  }
}

function recentFlight(batch: ScoredBatch, index: number): RecentFlight {
  return {
    departure: { minute: batch.departureMinutes[index]! },
    origin: { airport: batch.airports[batch.originIds[index]!]! },
    destination: { airport: batch.airports[batch.destinationIds[index]!]! },
    delay: { minutes: batch.delayMinutes[index]! },
    distance: { miles: batch.distanceMiles[index]! },
    late: { probability: batch.lateProbability[index]! },
  };
}
