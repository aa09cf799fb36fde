/**
 * Memory that all threads of a process share, in which each writes what only it can measure of itself: V8 tells a
 * thread's garbage collections and heap to that thread alone. Each has a slot with one writer, and the main thread reads
 * them all. Slots are those of the recorder: a thread that gets one of a thread which has ended adds to its collections.
 *
 *   slot 0 | slot 1 | …
 *   slot: newest thread (0 = none yet, else worker id + 1) | heap | heap limit | collections by kind | spaces of the heap
 */
export const MAX_SPACES = 16;

/** What `PerformanceObserver` tells collections apart by; the values of `v8js.gc.type`. */
export const GC_KINDS = ["minor", "major", "incremental", "weakcb"] as const;
export type GcKind = (typeof GC_KINDS)[number];

/** Inclusive upper bounds of the counts, in seconds, as OpenTelemetry's semantic conventions advise for v8js.gc.duration. */
export const GC_BOUNDS_SECONDS: readonly number[] = [0.01, 0.1, 1, 10];

const THREAD = 0;
const HEAP_BYTES = 1;
const HEAP_LIMIT_BYTES = 2;
const KINDS_AT = 3;
/** Counts of the durations, the last one above all bounds, and their sum. */
const KIND_WORDS = GC_BOUNDS_SECONDS.length + 2;
const SPACES_AT = KINDS_AT + GC_KINDS.length * KIND_WORDS;
const SLOT_WORDS = SPACES_AT + 2 * MAX_SPACES;
const SLOT_BYTES = 8 * SLOT_WORDS;

/** Durations of one kind of collection. */
export interface GcDurations {
  readonly kind: GcKind;
  /** By GC_BOUNDS_SECONDS; length one more, the last is above all of them. */
  readonly counts: readonly number[];
  readonly sumSeconds: number;
}

/** One of the spaces that V8 divides a heap into, as of the thread's newest mark-sweep. */
export interface SpaceBytes {
  readonly used: number;
  readonly size: number;
}

/** What the threads of one slot wrote: the heap is the newest one's, nulls before its first mark-sweep. */
export interface ThreadHeap {
  readonly collections: readonly GcDurations[];
  /** What V8 holds for objects that have survived, after the newest mark-sweep. */
  readonly heapBytes: number | null;
  readonly heapLimitBytes: number | null;
  /** In V8's order. */
  readonly spaces: readonly SpaceBytes[];
}

/**
 * @param slots - threads that record at once
 * @param isShared - false where memory cannot be shared: then only the main thread writes
 */
export function newBoard(slots: number, isShared = true): ArrayBufferLike {
  return isShared ? new SharedArrayBuffer(slots * SLOT_BYTES) : new ArrayBuffer(slots * SLOT_BYTES);
}

/** One thread's part of the board. Never throws. */
export class BoardSlot {
  readonly #words: Float64Array;

  private constructor(words: Float64Array) {
    this.#words = words;
  }

  /**
   * @param slot - the recorder's, which no other living thread has
   * @param workerId - `threadId` of worker_threads; 0 in the main thread
   * @returns null where the board has no such slot
   */
  static claim(board: ArrayBufferLike, slot: number, workerId: number): BoardSlot | null {
    const words = wordsOf(board, slot);
    if (words === null) return null;
    words[HEAP_BYTES] = 0;
    words[THREAD] = workerId + 1;
    return new BoardSlot(words);
  }

  collected(kind: GcKind, seconds: number): void {
    const at = kindAt(kind);
    const bucket = GC_BOUNDS_SECONDS.findIndex((bound) => seconds <= bound);
    this.#add(at + (bucket < 0 ? GC_BOUNDS_SECONDS.length : bucket), 1);
    this.#add(at + KIND_WORDS - 1, seconds);
  }

  heap(heapBytes: number, limitBytes: number, spaces: readonly SpaceBytes[]): void {
    this.#words[HEAP_BYTES] = heapBytes;
    this.#words[HEAP_LIMIT_BYTES] = limitBytes;
    for (const [index, { used, size }] of spaces.slice(0, MAX_SPACES).entries()) {
      this.#words[SPACES_AT + 2 * index] = used;
      this.#words[SPACES_AT + 2 * index + 1] = size;
    }
  }

  #add(word: number, by: number): void {
    this.#words[word] = (this.#words[word] as number) + by;
  }
}

/**
 * @param workerId - the thread that has the slot now
 * @returns null where no thread of the slot has told anything
 */
export function heapOf(board: ArrayBufferLike, slot: number, workerId: number): ThreadHeap | null {
  const words = wordsOf(board, slot);
  if (words === null || words[THREAD] === 0) return null;
  const heapBytes = words[THREAD] === workerId + 1 ? (words[HEAP_BYTES] as number) : 0;
  const pairs = Array.from({ length: heapBytes > 0 ? MAX_SPACES : 0 }, (_, index) => ({
    used: words[SPACES_AT + 2 * index] as number,
    size: words[SPACES_AT + 2 * index + 1] as number,
  }));
  return {
    collections: GC_KINDS.map((kind) => {
      const at = kindAt(kind);
      return {
        kind,
        counts: Array.from(words.subarray(at, at + KIND_WORDS - 1)),
        sumSeconds: words[at + KIND_WORDS - 1] as number,
      };
    }),
    heapBytes: heapBytes > 0 ? heapBytes : null,
    heapLimitBytes: heapBytes > 0 ? (words[HEAP_LIMIT_BYTES] as number) : null,
    spaces: pairs,
  };
}

function kindAt(kind: GcKind): number {
  return KINDS_AT + GC_KINDS.indexOf(kind) * KIND_WORDS;
}

function wordsOf(board: ArrayBufferLike, slot: number): Float64Array | null {
  const at = slot * SLOT_BYTES;
  return at + SLOT_BYTES <= board.byteLength ? new Float64Array(board, at, SLOT_WORDS) : null;
}
