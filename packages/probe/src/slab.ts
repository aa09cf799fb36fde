import { DURATION_BUCKET_COUNT } from "./duration-buckets.ts";
import { COPY_COUNT, COPY_LENGTH, type ReadBy } from "./state-clock.ts";

/**
 * A slab is the rows of one thread, written by that thread alone and read by the main thread. They lie in segments of
 * the process's arena (arena.ts): the first belongs to the thread's slot, others are added as stages open. The memory
 * belongs to the main thread, so that a worker which is terminated loses no count.
 *
 *   segment: a sequence number for each row | a phase for each row | edges | row 0 | row 1 | …
 *   row: counters | state copies | buckets (two histograms) | text
 *
 * Counters and buckets are plain single-writer stores; state rows are published by rotating copies (state-clock.ts).
 * A row is its thread's while it is open, and the main thread's from when it is closed until it is free.
 */
export const SEGMENT_ROWS = 32;
export const SEGMENT_EDGES = 256;
/** A thread has as many rows as these hold, two of which are set aside; what comes later goes to its overflow row. */
export const MAX_SEGMENTS = 64;
/** Rows of a thread's first segment that stages do not get. */
const SET_ASIDE = { sink: SEGMENT_ROWS - 2, overflow: SEGMENT_ROWS - 1 } as const;
const SET_ASIDE_ROWS = 2;
export const MAX_ROWS: number = MAX_SEGMENTS * SEGMENT_ROWS - SET_ASIDE_ROWS;

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
  /** Not a count: when the row was closed. */
  closedAtMs: 13,
  /** Of the units, those that were counted only. */
  untimed: 14,
} as const;
export const COUNTERS_WORDS = 15;
const STATES_AT = COUNTERS_WORDS;
const FIRST_BUCKETS_AT = STATES_AT + COPY_COUNT * COPY_LENGTH;
const SECOND_BUCKETS_AT = FIRST_BUCKETS_AT + DURATION_BUCKET_COUNT;
const TEXT_AT = SECOND_BUCKETS_AT + DURATION_BUCKET_COUNT;
const TEXT_WORDS = 64;
const ROW_WORDS = TEXT_AT + TEXT_WORDS;
export const ROW_BYTES: number = ROW_WORDS * 8;

/** Int32 words before the rows, which several threads read or change atomically. */
const SEQUENCES_AT = 0;
const PHASES_AT = SEQUENCES_AT + SEGMENT_ROWS;
const EDGES_AT = PHASES_AT + SEGMENT_ROWS;
const SEGMENT_INTS = EDGES_AT + SEGMENT_EDGES;
export const SEGMENT_BYTES: number = SEGMENT_INTS * 4 + SEGMENT_ROWS * ROW_BYTES;

/** More than there are rows in a process. */
const ROW_LIMIT = 2 ** 15;

/** The longest definition of a row, in bytes of UTF-8 JSON. */
export const TEXT_BYTES: number = TEXT_WORDS * 8 - 4;

/** What becomes of a row; only the thread that it belongs to opens and closes it, only the main thread frees it. */
export const ROW_PHASE = { free: 0, open: 1, closed: 2, sink: 3 } as const;

/** Where segments lie; offsets count in bytes and are multiples of 8. */
export interface SlabMemory {
  readonly ints: Int32Array;
  readonly words: Float64Array;
  readonly bytes: Uint8Array;
  /** Counts up each time that a row or a segment is given back. */
  readonly freed: number;
  segmentAt(segment: number): number;
  /** Segments that a slot has, the first of them its own. */
  segmentsOf(slot: number): number[];
  /** Adds a segment to those of a slot; null where none is left. */
  grow(slot: number): number | null;
}

export interface SlabEdge {
  readonly fromRow: number;
  readonly toRow: number;
}

/** The rows of one thread. A row's number is unique in its process. */
export class Slab {
  /** Views on all of the arena. Fixed length: length-tracking views on a growable buffer cost fifty times as much. */
  readonly words: Float64Array;
  readonly sequences: Int32Array;
  /** The main thread reads the slabs of all threads, its own among them. */
  readonly readBy: ReadBy;
  readonly #memory: SlabMemory;
  readonly #slot: number;
  /** As its own thread knows them, which alone adds some. */
  readonly #segments: number[];
  #roomIn = 0;
  /** What `freed` was when no row was found: until it changes, none will be. */
  #fullAt: number | null = null;

  constructor(memory: SlabMemory, slot: number, readBy: ReadBy) {
    this.words = memory.words;
    this.sequences = memory.ints;
    this.readBy = readBy;
    this.#memory = memory;
    this.#slot = slot;
    this.#segments = [slot];
  }

  /** No row was found, and none was given back since. */
  get isFull(): boolean {
    return this.#fullAt === this.#memory.freed;
  }

  /** Opens a row with its definition. It becomes visible to readers only when it is complete. Null = no room. */
  addRow(definition: Uint8Array): number | null {
    if (definition.length > TEXT_BYTES) return null;
    const row = this.#freeRow();
    if (row !== null) this.#begin(row, definition);
    return row;
  }

  /** The row for what finds no room; there is always one. */
  addOverflowRow(definition: Uint8Array): number {
    const row = this.#slot * SEGMENT_ROWS + SET_ASIDE.overflow;
    this.#begin(row, definition);
    return row;
  }

  /** The row into which is counted what comes after a stage was closed; nobody tells of it but as losses. */
  get sinkRow(): number {
    const row = this.#slot * SEGMENT_ROWS + SET_ASIDE.sink;
    Atomics.store(this.sequences, this.#phaseAt(row), ROW_PHASE.sink);
    return row;
  }

  /** Nobody writes the row any more: the main thread may take it back. */
  closeRow(row: number, atMs: number): void {
    this.words[this.rowAt(row) + COUNTER.closedAtMs] = atMs;
    Atomics.store(this.sequences, this.#phaseAt(row), ROW_PHASE.closed);
  }

  /** Gives the room of a row back. Belongs to the main thread, and to rows that nobody writes. */
  freeRow(row: number): void {
    const at = this.rowAt(row);
    this.words.fill(0, at, at + ROW_WORDS);
    Atomics.store(this.sequences, this.sequenceAt(row), 0);
    Atomics.store(this.sequences, this.#phaseAt(row), ROW_PHASE.free);
  }

  /** All rows that are not free, by number, and what they are. */
  rows(): (readonly [row: number, phase: number])[] {
    return this.#memory.segmentsOf(this.#slot).flatMap((segment) => {
      const rows: (readonly [number, number])[] = [];
      for (let row = segment * SEGMENT_ROWS; row < (segment + 1) * SEGMENT_ROWS; row++) {
        const phase = Atomics.load(this.sequences, this.#phaseAt(row));
        if (phase !== ROW_PHASE.free) rows.push([row, phase]);
      }
      return rows;
    });
  }

  /** The definition that the row was opened with; a copy. */
  text(row: number): Uint8Array {
    const at = (this.rowAt(row) + TEXT_AT) * 8;
    const { bytes } = this.#memory;
    const length = new DataView(bytes.buffer, at).getUint32(0, true);
    return bytes.slice(at + 4, at + 4 + Math.min(length, TEXT_BYTES));
  }

  /** @returns false where there is no room */
  addEdge(fromRow: number, toRow: number): boolean {
    const code = 1 + fromRow * ROW_LIMIT + toRow;
    for (const segment of this.#segments) {
      const at = this.#memory.segmentAt(segment) / 4 + EDGES_AT;
      for (let edge = at; edge < at + SEGMENT_EDGES; edge++) {
        if (Atomics.compareExchange(this.sequences, edge, 0, code) === 0) return true;
      }
    }
    return false;
  }

  edges(): SlabEdge[] {
    const edges: SlabEdge[] = [];
    this.#eachEdge((edge) => edges.push(edge));
    return edges;
  }

  /** Forgets the edges from and to rows that will be free. Belongs to the main thread. */
  forgetEdges(rows: ReadonlySet<number>): void {
    this.#eachEdge(({ fromRow, toRow }, at) => {
      if (rows.has(fromRow) || rows.has(toRow)) Atomics.store(this.sequences, at, 0);
    });
  }

  /** First word of a row's counters. */
  rowAt(row: number): number {
    const inSegment = row % SEGMENT_ROWS;
    const segmentAt = this.#memory.segmentAt((row - inSegment) / SEGMENT_ROWS);
    return (segmentAt + SEGMENT_INTS * 4) / 8 + inSegment * ROW_WORDS;
  }

  /** First word of a row's state copies. */
  statesAt(row: number): number {
    return this.rowAt(row) + STATES_AT;
  }

  /** Index of a row's sequence number. */
  sequenceAt(row: number): number {
    return this.#intAt(row, SEQUENCES_AT);
  }

  /** First word of a row's buckets: the stage's duration or a resource's wait, and a resource's use. */
  bucketsAt(row: number, which: "first" | "second"): number {
    return this.rowAt(row) + (which === "first" ? FIRST_BUCKETS_AT : SECOND_BUCKETS_AT);
  }

  #phaseAt(row: number): number {
    return this.#intAt(row, PHASES_AT);
  }

  #intAt(row: number, first: number): number {
    const inSegment = row % SEGMENT_ROWS;
    return this.#memory.segmentAt((row - inSegment) / SEGMENT_ROWS) / 4 + first + inSegment;
  }

  #eachEdge(act: (edge: SlabEdge, at: number) => void): void {
    for (const segment of this.#memory.segmentsOf(this.#slot)) {
      const first = this.#memory.segmentAt(segment) / 4 + EDGES_AT;
      for (let at = first; at < first + SEGMENT_EDGES; at++) {
        const code = Atomics.load(this.sequences, at) - 1;
        if (code >= 0) act({ fromRow: Math.floor(code / ROW_LIMIT), toRow: code % ROW_LIMIT }, at);
      }
    }
  }

  #begin(row: number, definition: Uint8Array): void {
    const at = (this.rowAt(row) + TEXT_AT) * 8;
    const { bytes } = this.#memory;
    new DataView(bytes.buffer, at).setUint32(0, definition.length, true);
    bytes.set(definition, at + 4);
    Atomics.store(this.sequences, this.#phaseAt(row), ROW_PHASE.open);
  }

  #freeRow(): number | null {
    if (this.isFull) return null;
    const { freed } = this.#memory;
    for (let tries = 0; tries < this.#segments.length; tries++) {
      const row = this.#freeRowIn(this.#segments[this.#roomIn] as number);
      if (row !== null) return row;
      this.#roomIn = (this.#roomIn + 1) % this.#segments.length;
    }
    const added = this.#segments.length < MAX_SEGMENTS ? this.#memory.grow(this.#slot) : null;
    if (added === null) {
      this.#fullAt = freed;
      return null;
    }
    this.#roomIn = this.#segments.push(added) - 1;
    return this.#freeRowIn(added);
  }

  #freeRowIn(segment: number): number | null {
    const rows = segment === this.#slot ? SEGMENT_ROWS - SET_ASIDE_ROWS : SEGMENT_ROWS;
    for (let row = segment * SEGMENT_ROWS; row < segment * SEGMENT_ROWS + rows; row++) {
      if (Atomics.load(this.sequences, this.#phaseAt(row)) === ROW_PHASE.free) return row;
    }
    return null;
  }
}
