import { SPAN_RING_BYTES, type SpanRecord, SpanRing } from "./span-ring.ts";

/** Spans of threads that are gone and that nobody has taken yet; of more than these none is kept. */
const MOST_LEFT = 10_000;

/** The ended spans of all worker threads, as the main thread takes them: a ring for each slot, and what ended threads left. */
export class WorkerSpans {
  readonly #rings: readonly SpanRing[];
  #left: SpanRecord[] = [];

  /** @param memory - of the rings; null where there are none */
  constructor(memory: SharedArrayBuffer | null) {
    const length = (memory?.byteLength ?? 0) / SPAN_RING_BYTES;
    this.#rings = memory === null ? [] : Array.from({ length }, (_, slot) => new SpanRing(memory, slot));
  }

  /** What has ended since it was asked last. */
  take(): SpanRecord[] {
    const left = this.#left;
    this.#left = [];
    return [...left, ...this.#rings.flatMap((ring) => ring.take())];
  }

  /**
   * The thread of a slot is gone: empties its ring for the next one.
   *
   * @returns how many spans are lost: it had not ended them, or there is no room to keep them
   */
  retire(slot: number): number {
    const ring = this.#rings[slot];
    if (ring === undefined) return 0;
    const records = ring.take();
    const kept = records.slice(0, MOST_LEFT - this.#left.length);
    this.#left.push(...kept);
    return ring.forgetOpen() + records.length - kept.length;
  }
}
