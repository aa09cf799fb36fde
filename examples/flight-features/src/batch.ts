/** Rows as the Parquet file holds them: one array per column, all of the same length, nothing checked yet. */
export interface RawBatch {
  readonly rows: number;
  readonly date: ArrayLike<unknown>;
  readonly delay: ArrayLike<unknown>;
  readonly distance: ArrayLike<unknown>;
  readonly origin: ArrayLike<unknown>;
  readonly destination: ArrayLike<unknown>;
}

/** Clean flights, in event-time order. Every array has the length `flights`. */
export interface FlightBatch {
  readonly flights: number;
  /** Rows of the raw batch that made no sense and are not among the flights. */
  readonly rejectedRows: number;
  /** Departure, in minutes since 2001-01-01 00:00 local time. */
  readonly departureMinutes: Int32Array;
  /** Delay at arrival; negative when early. */
  readonly delayMinutes: Int16Array;
  readonly distanceMiles: Int16Array;
  /** Index into `airports`. */
  readonly originIds: Uint16Array;
  /** Index into `airports`. */
  readonly destinationIds: Uint16Array;
  /** One number per pair of origin and destination, from 0, in order of first appearance. */
  readonly routeIds: Uint32Array;
  /** Codes of the airports seen until now, by id. It grows with later batches; an id never changes its code. */
  readonly airports: readonly string[];
}

export interface FeatureBatch extends FlightBatch {
  /** Row-major, `flights` rows of `featureNames.length` values. */
  readonly features: Float32Array;
}

export interface ScoredBatch extends FeatureBatch {
  /** Probability that the flight arrives at least 15 minutes late. */
  readonly lateProbability: Float32Array;
}

/** The industry's rule: a flight is late when it arrives 15 minutes or more after its time. */
export const lateFromMinutes = 15;
