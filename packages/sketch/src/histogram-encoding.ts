import { MAX_BUCKETS } from "./bucket-store.ts";
import { ByteReader, ByteWriter } from "./byte-stream.ts";
import { MAX_SUM_BITS } from "./exact-sum.ts";
import { LOWEST_SCALE } from "./exponential-index.ts";
import { isOnGrid } from "./histogram-counts.ts";
import type { ExponentialBuckets } from "./signed-buckets.ts";
import { SketchError } from "./sketch-error.ts";

const MAGIC = [0x70, 0x68]; // "ph": Pinchpoint histogram
const VERSION = 1;

/** Everything that a histogram knows. The bounds and the sum are written only where something was counted. */
export interface HistogramState {
  readonly scale: number;
  readonly refused: number;
  readonly zeroCount: number;
  readonly positive: ExponentialBuckets;
  readonly negative: ExponentialBuckets;
  /** A whole number of 2^-1074. */
  readonly sumUnits: bigint;
  /** Infinity and -Infinity while nothing was counted. */
  readonly min: number;
  readonly max: number;
}

export function encodeHistogram(state: HistogramState): Uint8Array {
  const writer = new ByteWriter();
  for (const byte of MAGIC) writer.byte(byte);
  writer.byte(VERSION);
  writer.integer(state.scale);
  writer.count(state.refused);
  writer.count(state.zeroCount);
  writeBuckets(writer, state.positive);
  writeBuckets(writer, state.negative);
  if (hasValues(state)) {
    writer.double(state.min);
    writer.double(state.max);
    writeSum(writer, state.sumUnits);
  }
  return writer.toBytes();
}

/**
 * @param highestScale - the finest scale that the reader can hold
 * @throws SketchError SKETCH_FOREIGN_BYTES, SKETCH_NEWER_BYTES, SKETCH_TRUNCATED_BYTES or SKETCH_DAMAGED_BYTES
 */
export function decodeHistogram(bytes: Uint8Array, highestScale: number): HistogramState {
  const reader = openReader(bytes);
  const scale = reader.integer();
  if (scale < LOWEST_SCALE || scale > highestScale) reader.damaged(`a scale of ${scale}`);
  const refused = reader.count();
  const zeroCount = reader.count();
  const positive = readBuckets(reader, scale);
  const negative = readBuckets(reader, scale);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sumUnits = 0n;
  if (hasValues({ zeroCount, positive, negative })) {
    min = reader.double();
    max = reader.double();
    const isPlain = Number.isFinite(min) && Number.isFinite(max) && !Object.is(min, -0) && !Object.is(max, -0);
    if (!isPlain || min > max) reader.damaged(`a least value of ${min} and a greatest of ${max}`);
    sumUnits = readSum(reader);
  }
  reader.end();
  return { scale, refused, zeroCount, positive, negative, sumUnits, min, max };
}

function openReader(bytes: Uint8Array): ByteReader {
  if (!(bytes instanceof Uint8Array)) {
    throw new SketchError(
      "SKETCH_FOREIGN_BYTES",
      `decode takes a Uint8Array as encode returned it, got ${typeof bytes}`,
    );
  }
  const given = Array.from(bytes.subarray(0, MAGIC.length));
  if (given.some((byte, at) => byte !== MAGIC[at])) {
    const hex = given.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw new SketchError("SKETCH_FOREIGN_BYTES", `these bytes are not an encoded histogram: they begin with ${hex}`);
  }
  const reader = new ByteReader(bytes);
  for (const _ of MAGIC) reader.byte();
  const version = reader.byte();
  if (version > VERSION) {
    throw new SketchError(
      "SKETCH_NEWER_BYTES",
      `the histogram was encoded in version ${version}, this package reads up to ${VERSION}; update @pinchpoint/sketch`,
    );
  }
  if (version < VERSION) reader.damaged(`version ${version}, which never was`);
  return reader;
}

function hasValues(state: Pick<HistogramState, "zeroCount" | "positive" | "negative">): boolean {
  return state.zeroCount > 0 || state.positive.bucketCounts.length > 0 || state.negative.bucketCounts.length > 0;
}

function writeBuckets(writer: ByteWriter, buckets: ExponentialBuckets): void {
  writer.count(buckets.bucketCounts.length);
  if (buckets.bucketCounts.length === 0) return;
  writer.integer(buckets.offset);
  for (const times of buckets.bucketCounts) writer.count(times);
}

function readBuckets(reader: ByteReader, scale: number): ExponentialBuckets {
  const length = reader.count();
  if (length > MAX_BUCKETS) reader.damaged(`${length} buckets, more than ${MAX_BUCKETS},`);
  if (length === 0) return { offset: 0, bucketCounts: [] };
  const offset = reader.integer();
  if (!isOnGrid(offset, scale) || !isOnGrid(offset + length - 1, scale)) reader.damaged(`a bucket offset of ${offset}`);
  const bucketCounts: number[] = [];
  for (let at = 0; at < length; at += 1) bucketCounts.push(reader.count());
  if (bucketCounts[0] === 0 || bucketCounts[length - 1] === 0) reader.damaged("an empty bucket at an end");
  return { offset, bucketCounts };
}

/** Sign and length, then how many zero bytes were left out at the low end, then the magnitude, low end first. */
function writeSum(writer: ByteWriter, units: bigint): void {
  if (units === 0n) {
    writer.count(0);
    return;
  }
  const magnitude = units < 0n ? -units : units;
  const digits = magnitude.toString(16);
  const padded = digits.padStart(digits.length + (digits.length % 2), "0");
  // In text, because a shift of so long a number for each zero byte costs more than all the rest.
  const hex = padded.replace(/(?:00)*$/, "");
  writer.count(hex.length + (units < 0n ? 1 : 0));
  writer.count((padded.length - hex.length) / 2);
  for (let at = hex.length - 2; at >= 0; at -= 2) writer.byte(Number.parseInt(hex.slice(at, at + 2), 16));
}

function readSum(reader: ByteReader): bigint {
  const header = reader.count();
  if (header === 0) return 0n;
  const length = Math.floor(header / 2);
  const zeroBytes = reader.count();
  if (length === 0 || (length + zeroBytes) * 8 >= MAX_SUM_BITS) reader.damaged("a sum of impossible length");
  const bytes: number[] = [];
  for (let at = 0; at < length; at += 1) bytes.push(reader.byte());
  if (bytes[0] === 0 || bytes[length - 1] === 0) reader.damaged("a sum with superfluous bytes");
  const hex = bytes.reverse().map((byte) => byte.toString(16).padStart(2, "0"));
  const magnitude = BigInt(`0x${hex.join("")}`) << BigInt(8 * zeroBytes);
  return header % 2 === 1 ? -magnitude : magnitude;
}
