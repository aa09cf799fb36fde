import { DURATION_BUCKET_COUNT } from "./duration-buckets.ts";
import { LOSS_REASONS } from "./losses.ts";
import { COPY_COUNT, COPY_LENGTH, type ReadBy } from "./state-clock.ts";

/**
 * A slab is the memory of one thread: fixed-length views on one SharedArrayBuffer, written by that thread alone and read
 * by the main thread. The memory belongs to the main thread, so that a worker which is terminated loses no count.
 *
 *   header | losses | edges | row 0 | row 1 | …
 *   row: counters | state copies | buckets (two histograms) | text
 *
 * Offsets count in 8-byte words. Counters and buckets are plain single-writer stores; state rows are published by
 * rotating copies (state-clock.ts).
 */
export const MAX_ROWS = 64;
export const MAX_EDGES = 256;
export const MAX_THREADS = 16;

/** Words of the header. */
export const HEADER = { osThreadId: 0, endedAtMs: 1, workerId: 2 } as const;
const NAME_AT = 8;
const NAME_BYTES = 56;
const HEADER_WORDS = 16;
const LOSSES_AT = HEADER_WORDS;
const EDGES_AT = LOSSES_AT + 16;
const ROWS_AT = EDGES_AT + MAX_EDGES;

/** Words of a row's counters. */
export const COUNTER = {
  units: 0,
  arrived: 1,
  items: 2,
  errors: 3,
  dropped: 4,
  emitted: 5,
  loopHeldMs: 6,
  loopHeldSquaredMs: 7,
  loopOverlapMs: 8,
  sumMs: 9,
  secondSumMs: 10,
  uses: 11,
  /** Not a count: how many a resource serves at once; 0 = unknown. */
  capacity: 12,
  /** Of the units, those that were counted only. */
  untimed: 13,
} as const;
const COUNTERS_WORDS = 14;
const STATES_AT = COUNTERS_WORDS;
const FIRST_BUCKETS_AT = STATES_AT + COPY_COUNT * COPY_LENGTH;
const SECOND_BUCKETS_AT = FIRST_BUCKETS_AT + DURATION_BUCKET_COUNT;
const TEXT_AT = SECOND_BUCKETS_AT + DURATION_BUCKET_COUNT;
const TEXT_WORDS = 64;
const ROW_WORDS = TEXT_AT + TEXT_WORDS;
const SLAB_WORDS = ROWS_AT + MAX_ROWS * ROW_WORDS;

/** Int32 words that both sides change atomically: rows, edges, claimed by a thread, then a sequence number per row. */
const SHARED = { rowCount: 0, edgeCount: 1, threadRole: 2 } as const;
const SEQUENCES_AT = 8;
const INT32_BYTES = Math.ceil(((SEQUENCES_AT + MAX_ROWS) * 4) / 8) * 8;

export const SLAB_BYTES: number = INT32_BYTES + SLAB_WORDS * 8;

/** The longest definition of a row, in bytes of UTF-8 JSON. */
export const TEXT_BYTES: number = TEXT_WORDS * 8 - 4;

/** What a worker thread needs in order to record into memory that its process owns. Survives structured clone. */
export interface SlabShare {
  readonly buffers: readonly SharedArrayBuffer[];
  /** Int32 words: how many slabs are claimed; how many traces a thread may begin in a second, 0 = nobody keeps spans. */
  readonly claims: SharedArrayBuffer;
  /** A ring of ended spans for each slab. */
  readonly spans: readonly SharedArrayBuffer[];
}

/** Words of `SlabShare.claims`. */
export const CLAIM = { slabs: 0, tracesPerSecond: 1 } as const;
export const CLAIM_BYTES = 8;

/** Which thread claimed a slab, as its role code says; 0 = none. */
export const ROLE = { main: 1, worker: 2 } as const;

/** Typed views on one slab. Fixed length: length-tracking views on a growable buffer cost fifty times as much. */
export class Slab {
  readonly words: Float64Array;
  readonly sequences: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(buffer: SharedArrayBuffer) {
    this.sequences = new Int32Array(buffer, 0, SEQUENCES_AT + MAX_ROWS);
    this.words = new Float64Array(buffer, INT32_BYTES, SLAB_WORDS);
    this.#bytes = new Uint8Array(buffer, INT32_BYTES, SLAB_WORDS * 8);
  }

  header(word: number): number {
    return this.words[word] as number;
  }

  setHeader(word: number, value: number): void {
    this.words[word] = value;
  }

  /** What the thread is called; longer names are cut at 55 bytes of UTF-8. */
  get name(): string {
    const at = NAME_AT * 8;
    const length = Math.min(this.#bytes[at] as number, NAME_BYTES - 1);
    return new TextDecoder().decode(this.#bytes.slice(at + 1, at + 1 + length));
  }

  set name(name: string) {
    const at = NAME_AT * 8;
    const { written } = new TextEncoder().encodeInto(name, this.#bytes.subarray(at + 1, at + NAME_BYTES));
    this.#bytes[at] = written;
  }

  get rowCount(): number {
    return Atomics.load(this.sequences, SHARED.rowCount);
  }

  /** One of ROLE, or 0. */
  get roleCode(): number {
    return Atomics.load(this.sequences, SHARED.threadRole);
  }

  set roleCode(code: number) {
    Atomics.store(this.sequences, SHARED.threadRole, code);
  }

  /** The main thread reads the slabs of all threads, its own among them. */
  get readBy(): ReadBy {
    return this.roleCode === ROLE.main ? "writer" : "another-thread";
  }

  /** Opens the next row with its definition. The row becomes visible to readers only when it is complete. */
  addRow(definition: Uint8Array): number | null {
    const row = this.rowCount;
    if (row >= MAX_ROWS || definition.length > TEXT_BYTES) return null;
    const at = (this.rowAt(row) + TEXT_AT) * 8;
    new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at).setUint32(0, definition.length, true);
    this.#bytes.set(definition, at + 4);
    Atomics.store(this.sequences, SHARED.rowCount, row + 1);
    return row;
  }

  /** The definition that `addRow` was given; a copy. */
  text(row: number): Uint8Array {
    const at = (this.rowAt(row) + TEXT_AT) * 8;
    const length = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at).getUint32(0, true);
    return this.#bytes.slice(at + 4, at + 4 + Math.min(length, TEXT_BYTES));
  }

  addEdge(fromRow: number, toRow: number): boolean {
    const count = Atomics.load(this.sequences, SHARED.edgeCount);
    if (count >= MAX_EDGES) return false;
    this.words[EDGES_AT + count] = fromRow * MAX_ROWS + toRow;
    Atomics.store(this.sequences, SHARED.edgeCount, count + 1);
    return true;
  }

  edges(): { fromRow: number; toRow: number }[] {
    const count = Atomics.load(this.sequences, SHARED.edgeCount);
    return Array.from(this.words.subarray(EDGES_AT, EDGES_AT + count), (code) => ({
      fromRow: Math.floor(code / MAX_ROWS),
      toRow: code % MAX_ROWS,
    }));
  }

  lose(lossIndex: number): void {
    this.words[LOSSES_AT + lossIndex] = (this.words[LOSSES_AT + lossIndex] as number) + 1;
  }

  /** Counts by position in LOSS_REASONS. */
  losses(): Float64Array {
    return this.words.slice(LOSSES_AT, LOSSES_AT + LOSS_REASONS.length);
  }

  /** First word of a row's counters. */
  rowAt(row: number): number {
    return ROWS_AT + row * ROW_WORDS;
  }

  /** First word of a row's state copies. */
  statesAt(row: number): number {
    return this.rowAt(row) + STATES_AT;
  }

  /** Index of a row's sequence number. */
  sequenceAt(row: number): number {
    return SEQUENCES_AT + row;
  }

  /** First word of a row's buckets: the stage's duration or a resource's wait, and a resource's use. */
  bucketsAt(row: number, which: "first" | "second"): number {
    return this.rowAt(row) + (which === "first" ? FIRST_BUCKETS_AT : SECOND_BUCKETS_AT);
  }
}
