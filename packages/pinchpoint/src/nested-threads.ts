import type { BlindThread } from "@pinchpoint/pools/blind-threads";

/** Threads that are told of; further ones are others. */
const MOST_THREADS = 32;
const NAME_LENGTH = 63;
/** Before the names, each of which has its length first. */
const COUNT_BYTES = 8;
const NAME_UNITS = NAME_LENGTH + 1;

/** Memory in which workers tell of theirs. */
export function newMemory(isShared: boolean): ArrayBufferLike {
  const bytes = COUNT_BYTES + 2 * MOST_THREADS * NAME_UNITS;
  return isShared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
}

/**
 * Threads that record nothing although a worker thread which records has started them. Node tells of a thread only to
 * the one that started it, so that workers write here, in memory of the main thread: it is there when they have ended.
 */
export class NestedThreads {
  readonly memory: ArrayBufferLike;
  readonly #count: Int32Array;
  readonly #names: Uint16Array;

  /** @param memory - of the main thread's */
  constructor(memory: ArrayBufferLike) {
    this.memory = memory;
    this.#count = new Int32Array(memory, 0, 1);
    this.#names = new Uint16Array(memory, COUNT_BYTES);
  }

  tell(name: string): void {
    const index = Atomics.add(this.#count, 0, 1);
    if (index >= MOST_THREADS) return;
    const at = index * NAME_UNITS;
    const text = name.slice(0, NAME_LENGTH);
    for (let i = 0; i < text.length; i++) this.#names[at + 1 + i] = text.charCodeAt(i);
    // Last: a name without its length is not there yet.
    Atomics.store(this.#names, at, text.length);
  }

  told(): readonly BlindThread[] {
    const threadsOf = new Map<string, number>();
    const count = Atomics.load(this.#count, 0);
    for (let index = 0; index < Math.min(count, MOST_THREADS); index++) {
      const name = this.#name(index);
      threadsOf.set(name, (threadsOf.get(name) ?? 0) + 1);
    }
    if (count > MOST_THREADS) threadsOf.set("others", count - MOST_THREADS);
    return [...threadsOf].map(([name, threads]) => ({ name, threads }));
  }

  #name(index: number): string {
    const at = index * NAME_UNITS;
    const length = Atomics.load(this.#names, at);
    return length === 0 ? "worker" : String.fromCharCode(...this.#names.subarray(at + 1, at + 1 + length));
  }
}
