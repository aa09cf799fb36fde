import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ExponentialHistogram } from "../src/histogram.ts";
import { SketchError } from "../src/sketch-error.ts";
import { NASTY_VALUES, recordings } from "./laws.ts";

const BYTES_CODES = ["SKETCH_FOREIGN_BYTES", "SKETCH_NEWER_BYTES", "SKETCH_TRUNCATED_BYTES", "SKETCH_DAMAGED_BYTES"];

function encoded(values: readonly number[], startScale?: number): Uint8Array {
  const histogram = new ExponentialHistogram(startScale);
  for (const value of values) histogram.record(value);
  return histogram.encode();
}

/** Whatever the bytes: the documented error, or a histogram that works and whose only encoding they are. */
function checkDecode(bytes: Uint8Array): void {
  let histogram: ExponentialHistogram;
  try {
    histogram = ExponentialHistogram.decode(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(SketchError);
    expect(BYTES_CODES).toContain((error as SketchError).code);
    return;
  }
  expect(histogram.encode()).toEqual(bytes);
  histogram.quantile(0.5);
  histogram.mergeFrom(ExponentialHistogram.decode(encoded(NASTY_VALUES)));
  expect(histogram.count).toBeGreaterThan(0);
}

test("what was encoded comes back bit for bit", () => {
  fc.assert(
    fc.property(recordings, fc.integer({ min: -10, max: 6 }), (all, startScale) => {
      const histogram = new ExponentialHistogram(startScale);
      for (const { value, times } of all) histogram.record(value, times);
      const back = ExponentialHistogram.decode(histogram.encode());
      expect(back.toDataPoint()).toEqual(histogram.toDataPoint());
      expect(back.refused).toBe(histogram.refused);
      expect(back.encode()).toEqual(histogram.encode());
    }),
  );
});

const HEAD = [0x70, 0x68, 1]; // "ph", version
const COUNTS = [6, 1, 2]; // scale 3, one refused, two zeros
const POSITIVE = [1, 15, 130, 1]; // one bucket, offset -8, 130 times
const NEGATIVE = [0]; // none
const BOUNDS = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xe1, 0x3f]; // min 0, max 0.53125
const SUM = [4, 0x85, 0x01, 0x50, 0x04]; // two bytes above 133 zero bytes

test("version 1 stays readable, byte by byte", () => {
  const bytes = Uint8Array.from([HEAD, COUNTS, POSITIVE, NEGATIVE, BOUNDS, SUM].flat());
  const histogram = ExponentialHistogram.decode(bytes);
  expect(histogram.toDataPoint()).toEqual({
    count: 132,
    sum: (0x450 * 2 ** (133 * 8 - 537)) / 2 ** 537,
    scale: 3,
    zeroCount: 2,
    positive: { offset: -8, bucketCounts: [130] },
    negative: { offset: 0, bucketCounts: [] },
    min: 0,
    max: 0.53125,
  });
  expect(histogram.refused).toBe(1);
  expect(histogram.encode()).toEqual(bytes);
});

test("truncated, foreign, newer and damaged bytes are told apart, in a sentence that says what was given", () => {
  const check = (bytes: unknown, code: string, sentence: string): void => {
    expect(() => ExponentialHistogram.decode(bytes as Uint8Array)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(sentence) }),
    );
  };
  const whole = encoded([0.5, -3, 0]);
  for (let length = 0; length < whole.length; length += 1) {
    check(whole.subarray(0, length), "SKETCH_TRUNCATED_BYTES", `the ${length} bytes given end in the middle`);
  }
  check(new TextEncoder().encode('{"scale":3}'), "SKETCH_FOREIGN_BYTES", "they begin with 7b 22");
  check("cGgB", "SKETCH_FOREIGN_BYTES", "got string");
  check(null, "SKETCH_FOREIGN_BYTES", "got object");
  check(whole.with(2, 2), "SKETCH_NEWER_BYTES", "encoded in version 2, this package reads up to 1");
  check(whole.with(2, 0), "SKETCH_DAMAGED_BYTES", "version 0");
  check(Uint8Array.from([...whole, 0]), "SKETCH_DAMAGED_BYTES", "1 more bytes than the sketch has");
  check(whole.with(3, 16), "SKETCH_DAMAGED_BYTES", "a scale of 8");
});

test("bytes that no histogram encodes to are damaged, even where a meaning could be guessed", () => {
  const check = (parts: readonly number[][], found: string): void => {
    const bytes = Uint8Array.from([HEAD, ...parts].flat());
    expect(() => ExponentialHistogram.decode(bytes)).toThrow(
      expect.objectContaining({ code: "SKETCH_DAMAGED_BYTES", message: expect.stringContaining(found) }),
    );
  };
  check([[6, 0x81, 0, 2], POSITIVE, NEGATIVE, BOUNDS, SUM], "a count with a superfluous byte");
  check([[6, 255, 255, 255, 255, 255, 255, 255, 255, 1]], "a count beyond 2^53 - 1");
  check([COUNTS, [161, 1]], "161 buckets");
  check([COUNTS, [1, 0x80, 0x80, 1, 1], NEGATIVE, BOUNDS, SUM], "a bucket offset of 8192");
  check([COUNTS, [2, 15, 0, 1], NEGATIVE, BOUNDS, SUM], "an empty bucket at an end");
  check([COUNTS, [2, 15, 1, 0], NEGATIVE, BOUNDS, SUM], "an empty bucket at an end");
  check([COUNTS, POSITIVE, NEGATIVE, BOUNDS.with(14, 0xf0).with(15, 0x7f), SUM], "a greatest of Infinity");
  check([COUNTS, POSITIVE, NEGATIVE, BOUNDS.with(15, 0xbf), SUM], "a least value of 0 and a greatest of -0.53125");
  check([COUNTS, POSITIVE, NEGATIVE, BOUNDS.with(7, 0x80), SUM], "a least value of 0 and");
  check([COUNTS, POSITIVE, NEGATIVE, BOUNDS, [1, 0]], "a sum of impossible length");
  check([COUNTS, POSITIVE, NEGATIVE, BOUNDS, [4, 0x8f, 2, 1, 1]], "a sum of impossible length");
  check([COUNTS, POSITIVE, NEGATIVE, BOUNDS, [4, 1, 0, 1]], "a sum with superfluous bytes");
  check([COUNTS, POSITIVE, NEGATIVE, BOUNDS, [4, 1, 1, 0]], "a sum with superfluous bytes");
});

test("no bytes at all, random or tampered with, do anything but decode or give the documented error", () => {
  const header = encoded([]).subarray(0, 3);
  const valid = fc.array(fc.double(), { maxLength: 12 }).map((values) => encoded(values));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), checkDecode), { numRuns: 500 });
  const headed = fc.uint8Array({ maxLength: 80 }).map((rest) => Uint8Array.from([...header, ...rest]));
  fc.assert(fc.property(headed, checkDecode), { numRuns: 2000 });
  const tampered = fc
    .tuple(valid, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat({ max: 3 }))
    .map(([bytes, at, byte, cut]) => bytes.with(at % bytes.length, byte).subarray(0, bytes.length - cut));
  fc.assert(fc.property(tampered, checkDecode), { numRuns: 3000 });
});

test("a service time of a thousand values fits in a few hundred bytes", () => {
  const values = Array.from({ length: 1000 }, (_, at) => 1e-4 * 1.01 ** at);
  expect(encoded(values).length).toBeLessThan(400);
});
