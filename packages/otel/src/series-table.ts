import type { Attributes } from "@opentelemetry/api";

/** One series: what was added to it in this collection, and what was told of it. */
export interface Series {
  readonly attributes: Attributes;
  /** What a page writes of the attributes, in UTF-8; null until it has. */
  labels: Uint8Array | null;
  /** Which collection of its table it was last in. */
  collection: number;
  /** Which of its table's collections that were taken it was last told in; 0 if never. */
  taken: number;
  /** When it was last told, on the recorder's clock; null if never. */
  toldAtMs: number | null;
  /** The id of the stage that it tells of; null for others. */
  stage: number | null;
  /** Starts anew: what was told of it was of another stage with its name. */
  forget(): void;
  /** A collection begins: nothing is added yet. */
  clear(): void;
  /** All is added: what is told now follows from it and from what was told before. */
  settle(): void;
}

/** The name that OpenTelemetry's SDK gives to what is beyond a limit. */
const OVERFLOW: Attributes = { "otel.metric.overflow": true };

/** Where the values of one set of attributes go, for good: to a series of their own, or to the overflow series. */
export class Place<S extends Series> {
  readonly #table: SeriesTable<S>;
  readonly series: S;
  readonly isRefused: boolean;
  /** Which collection of its table it was last used in. */
  collection = 0;

  constructor(table: SeriesTable<S>, series: S, isRefused: boolean) {
    this.#table = table;
    this.series = series;
    this.isRefused = isRefused;
  }

  /** The series, ready to be added to in this collection. */
  now(): S {
    return this.#table.entered(this);
  }
}

/**
 * The series of one metric. At most `limit` of them, first come, first served, for as long as they are told: what is
 * beyond is summed into one overflow series, so that neither a reader nor our memory can be flooded. A place is kept
 * for as long as it is told, so that a series never moves into the overflow, where it would count twice; where all are
 * taken, those that the last collection did not tell, as of a stage that was closed, are given to others.
 *
 * A collection is `begin`, then what is added to places, then `take`.
 */
export class SeriesTable<S extends Series> {
  readonly #make: (attributes: Attributes) => S;
  readonly #limit: number;
  readonly #places = new Map<string, Place<S>>();
  #overflow: S | null = null;
  #collection = 1;
  /** Collections that were taken. */
  #taken = 0;
  #entered: S[] = [];
  #refusedNow = 0;
  #refusedMost = 0;

  constructor(limit: number, make: (attributes: Attributes) => S) {
    this.#make = make;
    this.#limit = limit;
  }

  /** How many sets of attributes were put into the overflow series, at most, in one collection. */
  get refused(): number {
    return Math.max(this.#refusedMost, this.#refusedNow);
  }

  /** Slow; whoever adds at each collection keeps it. */
  place(attributes: Attributes): Place<S> {
    const key = JSON.stringify(attributes);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    if (this.#places.size >= this.#limit - 1) this.#giveBack();
    if (this.#places.size >= this.#limit - 1) {
      this.#overflow ??= this.#make(OVERFLOW);
      return new Place(this, this.#overflow, true);
    }
    const place = new Place(this, this.#make(attributes), false);
    this.#places.set(key, place);
    return place;
  }

  /** A place for a stage's numbers: those of another stage that had its name, and was closed, are not its own. */
  stagePlace(attributes: Attributes, stage: number): Place<S> {
    const place = this.place(attributes);
    const { series } = place;
    if (place.isRefused || series.stage === stage) return place;
    if (series.stage !== null) series.forget();
    series.stage = stage;
    return place;
  }

  /** Forgets what was added to a collection that was not taken. */
  begin(): void {
    this.#refusedMost = this.refused;
    this.#refusedNow = 0;
    this.#entered = [];
    this.#collection += 1;
  }

  entered(place: Place<S>): S {
    const collection = this.#collection;
    const { series } = place;
    if (place.collection === collection) return series;
    place.collection = collection;
    if (place.isRefused) this.#refusedNow += 1;
    if (series.collection !== collection) {
      series.collection = collection;
      series.clear();
      this.#entered.push(series);
    }
    return series;
  }

  /** Those that something was added to, in the order in which it was. */
  take(): readonly S[] {
    const taken = this.#entered;
    this.#entered = [];
    this.#taken += 1;
    for (const series of taken) {
      series.taken = this.#taken;
      series.settle();
    }
    return taken;
  }

  /** Of places that the last collection did not use nobody tells any more. */
  #giveBack(): void {
    for (const [key, { series }] of this.#places) {
      const isTold = series.taken === this.#taken || series.collection === this.#collection || series.collection === 0;
      if (!isTold) this.#places.delete(key);
    }
  }
}
