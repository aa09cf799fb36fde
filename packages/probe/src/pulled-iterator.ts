import { HandOver } from "./hand-over.ts";
import { settleBy } from "./settle.ts";
import type { StageRecorder } from "./stage.ts";
import { STARVED } from "./state-clock.ts";

/** What a stage takes its input from: a worker of its own starves while an item is pending. */
export class PulledIterator<T> {
  readonly #stage: StageRecorder;
  readonly #iterator: AsyncIterator<T>;
  readonly #worker: HandOver;

  constructor(stage: StageRecorder, iterator: AsyncIterator<T>) {
    this.#stage = stage;
    this.#iterator = iterator;
    this.#worker = new HandOver(stage, STARVED);
  }

  /** Whether an item is pending: most loops ask for one after the other, and the worker is there for that. */
  get isPending(): boolean {
    return !this.#worker.isEnded;
  }

  /** Outside of all stages, and while nothing is pending. */
  next(args: [] | [unknown]): Promise<IteratorResult<T>> {
    this.#worker.begins(null, null);
    let pending: Promise<IteratorResult<T>>;
    let hasThrown = true;
    try {
      pending = this.#iterator.next(...(args as []));
      hasThrown = false;
    } finally {
      if (hasThrown) this.#ends();
    }
    return settleBy(pending, this.#onResult, this.#onError);
  }

  readonly #onResult = (result: unknown): unknown => {
    this.#ends();
    return result;
  };

  readonly #onError = (error: unknown): never => {
    this.#ends();
    throw error;
  };

  #ends(): void {
    this.#worker.end(this.#stage.nowMs());
  }
}
