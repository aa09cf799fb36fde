import { type BlindThread, BlindThreads } from "@pinchpoint/pools/blind-threads";
import { NestedThreads, newMemory } from "./nested-threads.ts";

/** The threads of a process that no preload reached: those of the main thread, and those that its workers tell of. */
export class UnreachedThreads {
  readonly nested: NestedThreads;
  readonly #own: BlindThreads;

  /**
   * @param namesFiles - false leaves the class of workers alone, so that threads go by their own names
   * @param isShared - false where memory cannot be shared: then workers do not record, and tell of none
   */
  constructor(namesFiles: boolean, isShared: boolean) {
    this.nested = new NestedThreads(newMemory(isShared));
    this.#own = new BlindThreads(namesFiles);
  }

  /** A worker thread of the main thread's has recorded and ended: it is in no snapshot any more when its slot is used again. */
  recorded(threadId: number): void {
    this.#own.recorded(threadId);
  }

  /** @param claimed - `threadId` of the workers that have slots */
  unreached(claimed: ReadonlySet<number>): readonly BlindThread[] {
    return [...this.#own.unreached(claimed), ...this.nested.told()];
  }
}
