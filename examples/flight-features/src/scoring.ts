/** Where batches are scored, apart from the event loop. */
export interface Scoring {
  /** What scores: the file that the pool's threads run, or the scorer's host. */
  readonly name: string;
  /** How many batches to hand over before the first is done, so that it never waits for the next one. */
  readonly batchesUnderWay: number;
  /**
   * Probability that each flight is late; passed on before it returns.
   *
   * @param features - row-major, `flights` rows of `featureNames.length` values; left as it is
   */
  score(features: Float32Array, flights: number): Promise<Float32Array>;
  /** Lets go of everything, with nothing under way. */
  close(): Promise<void>;
  /** Lets go of everything at once; what is under way fails. */
  destroy(): Promise<void>;
}
