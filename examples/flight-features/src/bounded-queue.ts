/** Hands items from one producer to one consumer, who waits for the next; the producer waits while it is full. */
export class BoundedQueue<Item> implements AsyncIterable<Item> {
  readonly #size: number;
  readonly #items: Item[] = [];
  #isEnded = false;
  #changed: PromiseWithResolvers<void> = Promise.withResolvers();

  /** @param size - items that wait at most, at least 1 */
  constructor(size: number) {
    this.#size = size;
  }

  /** Resolves when there was room for it. */
  async put(item: Item): Promise<void> {
    while (this.#items.length >= this.#size) await this.#changed.promise;
    this.#items.push(item);
    this.#tell();
  }

  /** Nothing comes after what was put. */
  end(): void {
    this.#isEnded = true;
    this.#tell();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) {
        this.#tell();
        yield item;
      } else if (this.#isEnded) return;
      else await this.#changed.promise;
    }
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
