import type { TraceContext } from "./trace-context.ts";

/** Messages in a trace that may be on their way at once: one more goes without. A power of two: positions wrap. */
const ENTRIES = 512;
/** Words of an entry: number of the message | trace, four | span, two | sampled. */
const ENTRY_WORDS = 8;
const TRACE_WORDS = 4;
const SPAN_AT = 1 + TRACE_WORDS;
const SAMPLED_AT = 7;
/** Words before the entries: how many were put, how many taken, modulo 2^32; the two write far from each other. */
const PUT = 0;
const TAKEN = 16;
const HEADER_WORDS = 32;

export const LANE_BYTES: number = 4 * (HEADER_WORDS + ENTRIES * ENTRY_WORDS);

/**
 * The trace contexts of messages in one direction between two threads, each with its message's number, in that order. One
 * thread puts, before it posts; one takes. `tracestate` is left out.
 */
export class Lane {
  readonly #words: Uint32Array;

  constructor(memory: SharedArrayBuffer, byteOffset: number) {
    this.#words = new Uint32Array(memory, byteOffset, LANE_BYTES / 4);
  }

  /**
   * @param message - its number, modulo 2^32
   * @returns false where there is no room
   */
  put(message: number, { traceId, spanId, isSampled }: TraceContext): boolean {
    const words = this.#words;
    const put = Atomics.load(words, PUT);
    if ((put - Atomics.load(words, TAKEN)) >>> 0 >= ENTRIES) return false;
    const at = entryAt(put);
    words[at] = message;
    for (let i = 0; i < TRACE_WORDS; i++) words[at + 1 + i] = wordOf(traceId, i);
    for (let i = 0; i < 2; i++) words[at + SPAN_AT + i] = wordOf(spanId, i);
    words[at + SAMPLED_AT] = isSampled ? 1 : 0;
    Atomics.store(words, PUT, put + 1);
    return true;
  }

  /** What was put last goes with no message after all: that one was not posted yet. */
  withdraw(): void {
    Atomics.sub(this.#words, PUT, 1);
  }

  /**
   * What goes with a message. Entries of messages before it are passed over, which were received by other ways.
   *
   * @param onPassed - called for each of these
   */
  take(message: number, onPassed: () => void): TraceContext | null {
    const words = this.#words;
    let taken = Atomics.load(words, TAKEN);
    let context: TraceContext | null = null;
    for (; context === null && taken !== Atomics.load(words, PUT); taken = (taken + 1) >>> 0) {
      const at = entryAt(taken);
      const ahead = ((words[at] as number) - message) | 0;
      if (ahead > 0) break;
      if (ahead === 0) context = this.#contextAt(at);
      else onPassed();
    }
    Atomics.store(words, TAKEN, taken);
    return context;
  }

  /** Both threads are done with it. @returns how many entries nobody has taken */
  clear(): number {
    const words = this.#words;
    const left = (Atomics.load(words, PUT) - Atomics.load(words, TAKEN)) >>> 0;
    Atomics.store(words, PUT, 0);
    Atomics.store(words, TAKEN, 0);
    return left;
  }

  #contextAt(at: number): TraceContext {
    const words = this.#words;
    const traceId = textOf(words.subarray(at + 1, at + SPAN_AT));
    const spanId = textOf(words.subarray(at + SPAN_AT, at + SAMPLED_AT));
    return { traceId, spanId, isSampled: words[at + SAMPLED_AT] === 1, state: "" };
  }
}

function entryAt(position: number): number {
  return HEADER_WORDS + (position % ENTRIES) * ENTRY_WORDS;
}

/** Eight hexadecimal digits of an id. */
function wordOf(id: string, index: number): number {
  return Number.parseInt(id.slice(8 * index, 8 * index + 8), 16);
}

function textOf(words: Uint32Array): string {
  return Array.from(words, (word) => word.toString(16).padStart(8, "0")).join("");
}
