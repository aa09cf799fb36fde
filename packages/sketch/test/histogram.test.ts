import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bucketIndex } from "../src/exponential-index.ts";
import { ExponentialHistogram } from "../src/histogram.ts";
import type { ExponentialCounts } from "../src/histogram-counts.ts";
import { describeMergeLaws, recordings } from "./laws.ts";

function histogramOf(values: readonly number[], startScale?: number): ExponentialHistogram {
  const histogram = new ExponentialHistogram(startScale);
  for (const value of values) histogram.record(value);
  return histogram;
}

/** Equal content has equal bytes, so this compares everything, the exact sum included. */
function expectSame(actual: ExponentialHistogram, expected: ExponentialHistogram): void {
  const [actualBytes, expectedBytes] = [actual.encode().join(" "), expected.encode().join(" ")];
  if (actualBytes !== expectedBytes) expect(actual.toDataPoint()).toEqual(expected.toDataPoint());
  expect(actualBytes).toBe(expectedBytes);
}

for (const startScale of [6, 2]) {
  describeMergeLaws(`ExponentialHistogram from scale ${startScale}`, {
    empty: () => new ExponentialHistogram(startScale),
    record: (histogram, { value, times }) => histogram.record(value, times),
    expectSame,
  });
}

test("a data point holds the buckets of both signs, the zeros and the exact figures", () => {
  expect(histogramOf([1, 2, 3, 4, 0, -0, -8, -8], 0).toDataPoint()).toEqual({
    count: 8,
    sum: -6,
    scale: 0,
    zeroCount: 2,
    positive: { offset: -1, bucketCounts: [1, 1, 2] },
    negative: { offset: 2, bucketCounts: [2] },
    min: -8,
    max: 4,
  });
  expect(new ExponentialHistogram(3).toDataPoint()).toEqual({
    count: 0,
    sum: 0,
    scale: 3,
    zeroCount: 0,
    positive: { offset: 0, bucketCounts: [] },
    negative: { offset: 0, bucketCounts: [] },
  });
});

test("NaN and infinities are refused and counted, an impossible number of times as well", () => {
  const histogram = histogramOf([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1]);
  histogram.record(Number.NaN, 5);
  for (const times of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) histogram.record(1, times);
  histogram.record(1, 0);
  expect([histogram.count, histogram.refused, histogram.sum]).toEqual([1, 12, 1]);
});

test("the scale falls no further than 160 buckets need, and never by values that fit", () => {
  const check = (values: readonly number[], scale: number): void => {
    const histogram = histogramOf(values);
    expect(histogram.scale, values.join(" ")).toBe(scale);
    const { positive, negative } = histogram.toDataPoint();
    expect(positive.bucketCounts.length).toBeLessThanOrEqual(160);
    expect(negative.bucketCounts.length).toBeLessThanOrEqual(160);
  };
  check([], 6);
  check([5, -5, 0], 6);
  check([2 ** (1 / 128), 2 ** (2.5 - 1 / 128)], 6); // buckets 0 and 159
  check([2 ** (1 / 128), 2 ** (2.5 + 1 / 128)], 5); // buckets 0 and 160
  check([-1e-6, -10], 2);
  check([Number.MIN_VALUE, Number.MAX_VALUE], -4);
  check([-Number.MIN_VALUE, -Number.MAX_VALUE, 1], -4);
});

test("a quantile is off by at most the error that it states", () => {
  const check = (values: readonly number[], q: number): void => {
    const sorted = values.toSorted((a, b) => a - b);
    const exact = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] as number;
    const histogram = histogramOf(values);
    const found = histogram.quantile(q);
    if (found === null) throw new Error("a histogram with values has quantiles");
    // Rounding of doubles, and among subnormals their spacing, come on top of the bucket's width.
    const allowed = Math.abs(exact) * (found.relativeError + 1e-12) + Number.MIN_VALUE;
    expect(Math.abs(found.value - exact), `q ${q} of ${values.length} values`).toBeLessThanOrEqual(allowed);
    expect(found.relativeError).toBeLessThanOrEqual(histogram.relativeError);
    expect(found.value).toBeGreaterThanOrEqual(histogram.min ?? Number.NaN);
    expect(found.value).toBeLessThanOrEqual(histogram.max ?? Number.NaN);
  };
  const spreads = [
    fc.double({ min: 1e-3, max: 2e-3, noNaN: true }),
    fc.double({ min: -1e3, max: 1e3, noNaN: true }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: 1, max: 2 ** 40 }).map((units) => units * Number.MIN_VALUE),
    fc.double({ min: 1e-9, max: 1, noNaN: true }).map((u) => 1 / u), // Pareto(1)
  ];
  const quantiles = fc.oneof(fc.constantFrom(0, 0.5, 0.99, 1), fc.double({ min: 0, max: 1, noNaN: true }));
  for (const spread of spreads) {
    fc.assert(fc.property(fc.array(spread, { minLength: 1, maxLength: 200 }), quantiles, check));
  }
});

test("narrow values keep the error of the finest scale", () => {
  expect(histogramOf([1, 1.5, 2, 5]).quantile(0.5)?.relativeError).toBeCloseTo(0.00542, 5);
});

test("a quantile among zeros is exactly zero, and nothing has no quantile", () => {
  expect(histogramOf([-1, 0, 0, 1]).quantile(0.5)).toEqual({ value: 0, relativeError: 0 });
  expect(new ExponentialHistogram().quantile(0.5)).toBeNull();
  expect(histogramOf([Number.NaN]).quantile(0.5)).toBeNull();
});

test("the values of the two ends of the range do not become zero or infinite", () => {
  const ends = histogramOf([-Number.MAX_VALUE, -Number.MIN_VALUE, Number.MIN_VALUE, Number.MAX_VALUE]);
  for (const q of [0, 0.5, 0.75, 1]) {
    const value = ends.quantile(q)?.value ?? Number.NaN;
    expect(Number.isFinite(value) && value !== 0, `q ${q} gave ${value}`).toBe(true);
  }
});

test("downscale then merge equals merge then downscale", () => {
  fc.assert(
    fc.property(recordings, recordings, fc.integer({ min: -10, max: 6 }), (a, b, scale) => {
      const [first, second, both] = [a, b, [...a, ...b]].map((all) => {
        const histogram = new ExponentialHistogram();
        for (const { value, times } of all) histogram.record(value, times);
        return histogram;
      }) as [ExponentialHistogram, ExponentialHistogram, ExponentialHistogram];
      first.downscaleTo(scale);
      first.mergeFrom(second);
      both.downscaleTo(scale);
      expectSame(first, both);
    }),
  );
});

test("a merge takes the coarser scale, from either side and from an empty histogram too", () => {
  for (const [a, b] of [
    [6, 3],
    [3, 6],
  ] as const) {
    const merged = histogramOf([1, -7], a);
    merged.mergeFrom(histogramOf([2, -3, 0], b));
    expectSame(merged, histogramOf([1, -7, 2, -3, 0], 3));
  }
  const merged = histogramOf([1], 6);
  merged.mergeFrom(new ExponentialHistogram(4));
  expect(merged.scale).toBe(4);
});

test("counts stop at 2^53 - 1, whichever way they get there", () => {
  const most = Number.MAX_SAFE_INTEGER;
  const histogram = new ExponentialHistogram();
  for (let round = 0; round < 3; round += 1) {
    histogram.record(1, most);
    histogram.record(0, most);
    histogram.record(Number.NaN, most);
  }
  expect([histogram.count, histogram.zeroCount, histogram.refused]).toEqual([most, most, most]);
  expectSame(ExponentialHistogram.decode(histogram.encode()), histogram);
});

test("a fixed grid kept elsewhere becomes the histogram of the same values", () => {
  const scale = 3;
  const offset = -240;
  const grid = new Uint32Array(320);
  const values = [0.0011, 0.0012, 0.5, 0, 30];
  const histogram = histogramOf(values, scale);
  for (const value of values) {
    const at = bucketIndex(value, scale) - offset;
    if (value > 0) grid[at] = (grid[at] ?? 0) + 1;
  }
  const made = ExponentialHistogram.fromCounts({
    scale,
    positive: { offset, bucketCounts: grid },
    zeroCount: 1,
    sum: histogram.sum,
    min: 0,
    max: 30,
  });
  expect(made.toDataPoint()).toEqual(histogram.toDataPoint());
  expect(ExponentialHistogram.fromCounts(histogram.toDataPoint()).toDataPoint()).toEqual(histogram.toDataPoint());
});

test("a fixed grid wider than 160 buckets is joined until it fits", () => {
  const made = ExponentialHistogram.fromCounts({
    scale: 6,
    positive: { offset: -500, bucketCounts: new Float64Array(1001).fill(1) },
    negative: { offset: 0, bucketCounts: [2] },
    sum: 0,
  });
  expect([made.count, made.scale]).toEqual([1003, 3]);
});

test("where minimum and maximum are unknown or impossible the outermost bounds stand in", () => {
  const check = (counts: Omit<ExponentialCounts, "scale" | "sum">, min: number | null, max: number | null): void => {
    const made = ExponentialHistogram.fromCounts({ scale: 0, sum: 5, ...counts });
    expect([made.min, made.max]).toEqual([min, max]);
    expectSame(ExponentialHistogram.decode(made.encode()), made);
  };
  const positive = { offset: 1, bucketCounts: [0, 3, 1, 0] }; // (4, 8] and (8, 16]
  check({ positive }, 4, 16);
  check({ positive, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY }, 4, 16);
  check({ positive, min: 5, max: 9 }, 5, 9);
  check({ positive, min: 1, max: 99 }, 4, 16);
  check({ positive, min: 20 }, 16, 16);
  check({ positive, zeroCount: 1 }, 0, 16);
  check({ negative: positive, zeroCount: 1 }, -16, 0);
  check({ negative: positive }, -16, -4);
  check({ refused: 2, min: 3, max: 4 }, null, null);
});

test("misuse gets one sentence that says what was given", () => {
  const check = (misuse: () => unknown, code: string, sentence: string): void => {
    expect(misuse).toThrow(expect.objectContaining({ code, message: expect.stringContaining(sentence) }));
  };
  const made = (counts: Partial<ExponentialCounts>) => () =>
    ExponentialHistogram.fromCounts({ scale: 3, sum: 0, ...counts });
  const range = "scale must be a whole number from -10 to 6, got";
  check(() => new ExponentialHistogram(7), "SKETCH_BAD_SCALE", `${range} 7`);
  check(() => new ExponentialHistogram(2.5), "SKETCH_BAD_SCALE", `${range} 2.5`);
  check(() => new ExponentialHistogram().downscaleTo(-11), "SKETCH_BAD_SCALE", `${range} -11`);
  check(made({ scale: Number.NaN }), "SKETCH_BAD_SCALE", `${range} NaN`);
  check(() => new ExponentialHistogram().quantile(50), "SKETCH_BAD_QUANTILE", "from 0 to 1, got 50");
  check(() => new ExponentialHistogram().quantile(Number.NaN), "SKETCH_BAD_QUANTILE", "got NaN");
  const code = "SKETCH_BAD_COUNTS";
  check(
    made({ positive: { offset: 0, bucketCounts: [1, -1] } }),
    code,
    "positive.bucketCounts[1] must be a whole number",
  );
  check(
    made({ negative: { offset: 0.5, bucketCounts: [1] } }),
    code,
    "negative.offset must be a whole number, got 0.5",
  );
  check(made({ positive: { offset: 9000, bucketCounts: [1] } }), code, "at scale 3, got 9000");
  check(made({ zeroCount: Number.NaN }), code, "zeroCount must be a whole number from 0 to 2^53 - 1, got NaN");
  check(made({ sum: Number.POSITIVE_INFINITY }), code, "sum must be finite, got Infinity");
  check(made({ min: 3, max: 2 }), code, "min must be at most max (2), got 3");
  check(made({ max: Number.NaN }), code, "max must be a number");
});
