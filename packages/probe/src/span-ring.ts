import type { MadeSpan, SpanAttributes, SpanKind, SpanOutcome } from "./tracing.ts";

/** A span that has ended, on its way to whoever exports it. */
export interface SpanRecord {
  readonly name: string;
  readonly kind: SpanKind;
  /** Milliseconds on the recorder's clock. */
  readonly startMs: number;
  readonly endMs: number;
  readonly outcome: SpanOutcome;
  readonly attributes: SpanAttributes;
  readonly traceId: string;
  readonly spanId: string;
  /** Null for the first of its trace. */
  readonly parentSpanId: string | null;
  /** The trace's `tracestate`. */
  readonly state: string;
  /** As of `SpanHandle.end`. */
  readonly serviceMs?: number | undefined;
  /** Where the application made it itself. */
  readonly made?: MadeSpan;
}

/**
 * Int32 words before the bytes, modulo 2^32: where the writer and the reader are, how many spans were begun, and how many
 * of those were taken or refused. A thread can be terminated anywhere, so that ended ones count when they are taken.
 */
const WORDS = { write: 0, read: 1, begun: 2, settled: 3 } as const;
const HEADER_BYTES = 16;
const LENGTH_BYTES = 4;

/** Half a thousand spans or so a second, since it is emptied once a second. A power of two: positions wrap. */
const DATA_BYTES = 262_144;
export const SPAN_RING_BYTES: number = HEADER_BYTES + DATA_BYTES;

/**
 * Ended spans of one thread, written by that thread and read by the main thread. The memory belongs to the main thread, so
 * that what had ended when a worker was terminated is not lost. What finds no room is refused: nobody waits.
 */
export class SpanRing {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;

  /** @param index - of the rings that lie in the buffer one after the other */
  constructor(buffer: SharedArrayBuffer, index: number) {
    const at = index * SPAN_RING_BYTES;
    this.#words = new Int32Array(buffer, at, HEADER_BYTES / 4);
    this.#bytes = new Uint8Array(buffer, at + HEADER_BYTES, DATA_BYTES);
  }

  /**
   * The thread is gone, and what it has ended is taken: what it has not ended never will be.
   *
   * @returns how many those are; 0 when it is called again
   */
  forgetOpen(): number {
    const open = (Atomics.load(this.#words, WORDS.begun) - Atomics.load(this.#words, WORDS.settled)) >>> 0;
    Atomics.add(this.#words, WORDS.settled, open);
    return open;
  }

  begins(): void {
    Atomics.add(this.#words, WORDS.begun, 1);
  }

  /** @returns false where there was no room */
  ends(record: SpanRecord): boolean {
    const text = new TextEncoder().encode(JSON.stringify(record));
    const at = Atomics.load(this.#words, WORDS.write);
    const used = (at - Atomics.load(this.#words, WORDS.read)) >>> 0;
    if (used + LENGTH_BYTES + text.length > DATA_BYTES) {
      Atomics.add(this.#words, WORDS.settled, 1);
      return false;
    }
    this.#put(at, new Uint8Array(new Uint32Array([text.length]).buffer));
    this.#put(at + LENGTH_BYTES, text);
    Atomics.store(this.#words, WORDS.write, (at + LENGTH_BYTES + text.length) | 0);
    return true;
  }

  /** What has ended since it was asked last. */
  take(): SpanRecord[] {
    const records: SpanRecord[] = [];
    const end = Atomics.load(this.#words, WORDS.write);
    for (let at = Atomics.load(this.#words, WORDS.read); at !== end; ) {
      const [length = 0] = new Uint32Array(this.#get(at, LENGTH_BYTES).buffer);
      records.push(JSON.parse(new TextDecoder().decode(this.#get(at + LENGTH_BYTES, length))) as SpanRecord);
      at = (at + LENGTH_BYTES + length) | 0;
    }
    Atomics.store(this.#words, WORDS.read, end);
    Atomics.add(this.#words, WORDS.settled, records.length);
    return records;
  }

  #put(position: number, bytes: Uint8Array): void {
    const at = (position >>> 0) % DATA_BYTES;
    const untilEnd = DATA_BYTES - at;
    this.#bytes.set(bytes.subarray(0, untilEnd), at);
    if (bytes.length > untilEnd) this.#bytes.set(bytes.subarray(untilEnd), 0);
  }

  #get(position: number, length: number): Uint8Array {
    const at = (position >>> 0) % DATA_BYTES;
    const bytes = new Uint8Array(length);
    const untilEnd = DATA_BYTES - at;
    bytes.set(this.#bytes.subarray(at, Math.min(DATA_BYTES, at + length)));
    if (length > untilEnd) bytes.set(this.#bytes.subarray(0, length - untilEnd), untilEnd);
    return bytes;
  }
}
