import { type BlindThread, BlindThreads } from "@pinchpoint/pools/blind-threads";
import { NestedThreads } from "./nested-threads.ts";

/** The threads of a process that no preload reached: those of the main thread, and those that its workers tell of. */
export class UnreachedThreads {
  readonly nested: NestedThreads = new NestedThreads();
  readonly #own: BlindThreads;

  /** @param namesFiles - false leaves the class of workers alone, so that threads go by their own names */
  constructor(namesFiles: boolean) {
    this.#own = new BlindThreads(namesFiles);
  }

  /** @param claimed - `threadId` of every worker that has ever claimed a slab, dead ones included */
  unreached(claimed: ReadonlySet<number>): readonly BlindThread[] {
    return [...this.#own.unreached(claimed), ...this.nested.told()];
  }
}
