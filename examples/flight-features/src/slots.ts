/** Lets so many in at once; the others queue, first come first served. */
export class Slots {
  #free: number;
  readonly #queue: (() => void)[] = [];

  /** @param count - at least 1 */
  constructor(count: number) {
    this.#free = count;
  }

  async hold<Result>(work: () => Promise<Result>): Promise<Result> {
    const free = await this.take();
    try {
      return await work();
    } finally {
      free();
    }
  }

  /** Resolves to what gives the slot back, to be called once. */
  async take(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    return () => {
      const next = this.#queue.shift();
      // The slot goes to the next one as it is, so that nobody slips in between.
      if (next === undefined) this.#free += 1;
      else next();
    };
  }
}
