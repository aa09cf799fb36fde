/** Moments at which something was recorded, for one listener who is quick and wants to hear of few. */
export class Moments {
  readonly #onFailure: () => void;
  #listener: (atMs: number) => number = () => Number.POSITIVE_INFINITY;
  /** In a typed array, because a fraction in a field is a new object each time that it changes. */
  readonly #dueMs = new Float64Array([Number.POSITIVE_INFINITY]);

  /** @param onFailure - the listener has thrown */
  constructor(onFailure: () => void) {
    this.#onFailure = onFailure;
  }

  /** @param listener - returns from when on it wants to hear of the next one */
  listen(listener: (atMs: number) => number): void {
    this.#listener = listener;
    this.#dueMs[0] = Number.NEGATIVE_INFINITY;
  }

  pass(atMs: number): void {
    if (atMs >= (this.#dueMs[0] as number)) this.tell(atMs);
  }

  /** The listener runs within the application's own calls, which it must not break. */
  tell(atMs: number): void {
    try {
      this.#dueMs[0] = this.#listener(atMs);
    } catch {
      this.#onFailure();
    }
  }
}
