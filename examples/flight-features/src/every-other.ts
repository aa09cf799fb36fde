/**
 * Halves the demand of a stage: with `isHalved` the stage works on every second batch only and hands its last result
 * over again for the others. It answers "what if this stage were twice as fast?" by experiment; the output is then
 * worth nothing but its rate.
 */
export class EveryOther<Result> {
  readonly #isHalved: boolean;
  #kept: Result | undefined;

  constructor(isHalved: boolean) {
    this.#isHalved = isHalved;
  }

  /** The last result if this batch is to be skipped, else undefined. A result is handed out once. */
  take(): Result | undefined {
    const kept = this.#kept;
    this.#kept = undefined;
    return kept;
  }

  keep(result: Result): Result {
    if (this.#isHalved) this.#kept = result;
    return result;
  }
}
