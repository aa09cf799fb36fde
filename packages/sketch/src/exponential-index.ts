import { BOUNDARIES_BELOW_CELL, BOUNDARY_MANTISSAS } from "./bucket-boundaries.ts";
import { SketchError } from "./sketch-error.ts";

/** The coarsest scale: base 2^1024, so that three buckets hold every positive double. OpenTelemetry's SDK minimum. */
export const LOWEST_SCALE = -10;

/** The finest scale that the table of boundaries resolves: base 2^(1/256). */
export const HIGHEST_SCALE = 8;

// One double seen as two words; the index is found from its bits without allocating. Threads each have their own.
const DOUBLE: Float64Array = /* @__PURE__ */ new Float64Array([1]);
const WORDS: Uint32Array = /* @__PURE__ */ new Uint32Array(DOUBLE.buffer);
const HIGH_WORD: number = WORDS[1] === 0 ? 0 : 1; // big-endian machines (s390x) keep the exponent in the first word
const LOW_WORD: number = 1 - HIGH_WORD;

const TWO_TO_32 = 2 ** 32;
const TWO_TO_52 = 2 ** 52;

/**
 * The bucket of a value on the base-2 exponential grid: base = 2^(2^-scale), and bucket i holds (base^i, base^(i+1)],
 * so a value that is exactly a power of the base belongs to the bucket below it (OpenTelemetry metrics data model,
 * "Exponential Scale"). Exact for every double, subnormal ones included: there is no logarithm that could round.
 *
 * Neither argument is checked, since this runs once per record.
 *
 * @param value - finite and > 0
 * @param scale - a whole number from LOWEST_SCALE to HIGHEST_SCALE
 */
export function bucketIndex(value: number, scale: number): number {
  DOUBLE[0] = value;
  let high = WORDS[HIGH_WORD] as number;
  let octave = (high >>> 20) - 1023;
  if (octave === -1023) {
    // A subnormal has no leading one. Multiplying by 2^52 gives it one without changing its other bits.
    DOUBLE[0] = value * TWO_TO_52;
    high = WORDS[HIGH_WORD] as number;
    octave = (high >>> 20) - 1023 - 52;
  }
  const mantissa = (high & 0xfffff) * TWO_TO_32 + (WORDS[LOW_WORD] as number);
  const below = BOUNDARIES_BELOW_CELL[(high >>> 11) & 0x1ff] as number;
  const boundariesBelow = mantissa > (BOUNDARY_MANTISSAS[below] as number) ? below + 1 : below;
  // Each bucket of a coarser scale is a whole pair of buckets of the next finer one, so a shift is exact.
  return (octave * 256 + boundariesBelow - 1) >> (HIGHEST_SCALE - scale);
}

/**
 * The greatest double that lies in bucket `index` or below: base^(index+1), rounded down where no double is equal to
 * it. Number.MAX_VALUE where the bound is beyond every double, 0 where it is below every positive one. The lower bound
 * of a bucket is the upper bound of the one before.
 *
 * @param index - a whole number, as bucketIndex returns it
 * @param scale - a whole number from LOWEST_SCALE to HIGHEST_SCALE
 */
export function bucketUpperBound(index: number, scale: number): number {
  const boundary = (index + 1) * 2 ** (HIGHEST_SCALE - scale);
  const octave = Math.floor(boundary / 256);
  if (octave >= 1024) return Number.MAX_VALUE;
  const significand = TWO_TO_52 + (BOUNDARY_MANTISSAS[boundary - octave * 256] as number);
  if (octave >= -1022) return (significand / TWO_TO_52) * 2 ** octave;
  return Math.floor(significand * 2 ** (octave + 1022)) * Number.MIN_VALUE;
}

/**
 * How far an estimate in the middle of a bucket can be from any value in it, relative to that value:
 * (base - 1) / (base + 1). 0.542 % at scale 6, 1.083 % at 5, 4.33 % at 3.
 */
export function relativeErrorAt(scale: number): number {
  return 1 - 2 / (bucketUpperBound(0, scale) + 1);
}

/** @throws SketchError SKETCH_BAD_SCALE unless `scale` is a whole number from LOWEST_SCALE to `highest` */
export function checkScale(scale: number, highest: number): void {
  if (!Number.isInteger(scale) || scale < LOWEST_SCALE || scale > highest) {
    const range = `from ${LOWEST_SCALE} to ${highest}`;
    throw new SketchError("SKETCH_BAD_SCALE", `scale must be a whole number ${range}, got ${String(scale)}`);
  }
}
