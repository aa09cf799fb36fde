import { bucketIndex, bucketUpperBound } from "@pinchpoint/sketch/exponential-index";

/** Durations on the base-2 exponential grid at one scale: bucket i covers (2^((offset+i)/2^scale), the next boundary]. */
export interface DurationBuckets {
  readonly scale: number;
  /** Index of the first bucket on the grid. */
  readonly offset: number;
  /** length = the number of buckets; durations below the first are counted in it, above the last likewise. */
  readonly counts: Float64Array;
  readonly sumSeconds: number;
}

/** A duration read from its bucket is wrong by 4.4 % at most. */
const DURATION_SCALE = 3;
const BUCKETS_PER_OCTAVE = 2 ** DURATION_SCALE;
/** From about one microsecond (2^-20 s), below which a clock read dominates, to 17 minutes (2^10 s). */
const FIRST_OCTAVE = -20;
const OCTAVES = 30;
const OFFSET = FIRST_OCTAVE * BUCKETS_PER_OCTAVE;
export const DURATION_BUCKET_COUNT: number = OCTAVES * BUCKETS_PER_OCTAVE;

/** The grid that every recorder keeps its durations on. */
export const DURATION_GRID: { readonly scale: number; readonly offset: number; readonly buckets: number } = {
  scale: DURATION_SCALE,
  offset: OFFSET,
  buckets: DURATION_BUCKET_COUNT,
};

// One double seen as two words: the bucket is found from the upper one's bits, without a call that would take a number
// as an object. Only a value so near to a boundary that the lower word decides takes the long way.
const DOUBLE: Float64Array = /* @__PURE__ */ new Float64Array([1]);
const WORDS: Uint32Array = /* @__PURE__ */ new Uint32Array(DOUBLE.buffer);
const HIGH_WORD: number = WORDS[1] === 0 ? 0 : 1;
const HIGH_BITS = 20;
/** An octave is cut into cells that have one boundary at most: 16 do for eight buckets. */
const CELL_BITS = 4;
const CELLS = 2 ** CELL_BITS;
/** By cell: boundaries of the octave below it; and the upper bits of the one that is in it, beyond all where none is. */
const BELOW: Int32Array = /* @__PURE__ */ new Int32Array(CELLS);
const BOUNDARY: Int32Array = /* @__PURE__ */ new Int32Array(CELLS).fill(2 ** HIGH_BITS);
fillCells();

function fillCells(): void {
  for (let bucket = 0; bucket < BUCKETS_PER_OCTAVE - 1; bucket++) {
    DOUBLE[0] = bucketUpperBound(bucket, DURATION_SCALE);
    const bits = (WORDS[HIGH_WORD] as number) & (2 ** HIGH_BITS - 1);
    const cell = bits >>> (HIGH_BITS - CELL_BITS);
    BOUNDARY[cell] = bits;
    for (let above = cell + 1; above < CELLS; above++) BELOW[above] = bucket + 1;
  }
}

/** Position of a duration among the buckets; anything that is not above 0 goes to the first. */
export function bucketOfMs(durationMs: number): number {
  DOUBLE[0] = durationMs / 1000;
  const high = WORDS[HIGH_WORD] as number;
  if (!(durationMs > 0)) return 0;
  const octave = (high >>> HIGH_BITS) - 1023 - FIRST_OCTAVE;
  if (octave < 0) return 0;
  if (octave >= OCTAVES) return DURATION_BUCKET_COUNT - 1;
  const bits = high & (2 ** HIGH_BITS - 1);
  const cell = bits >>> (HIGH_BITS - CELL_BITS);
  const boundary = BOUNDARY[cell] as number;
  if (bits === boundary || bits === 0) return exactBucket();
  return octave * BUCKETS_PER_OCTAVE + (BELOW[cell] as number) + (bits > boundary ? 1 : 0);
}

/** Of what stands in DOUBLE: what is a power of the base lies in the bucket below. */
function exactBucket(): number {
  return Math.max(0, bucketIndex(DOUBLE[0] as number, DURATION_SCALE) - OFFSET);
}

/** Counts as they lie in a row, with what they mean. */
export function durationBuckets(counts: Float64Array, sumSeconds: number): DurationBuckets {
  return { scale: DURATION_SCALE, offset: OFFSET, counts, sumSeconds };
}
