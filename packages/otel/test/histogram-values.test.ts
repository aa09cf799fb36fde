import { DataPointType, type ExponentialHistogram } from "@opentelemetry/sdk-metrics";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DURATION_BOUNDS_SECONDS } from "../src/explicit-buckets.ts";
import { explicitHistogram, exponentialHistogram } from "../src/histogram-values.ts";
import { Source } from "./collections.ts";
import { durations, foldedCounts, resource, resourceRow, snapshot, stageRow } from "./snapshots.ts";

const seconds = fc.array(fc.double({ min: 1e-6, max: 500, noNaN: true }), { maxLength: 40 });

/** The exponential value as the recorder's whole grid. */
function wholeGrid({ scale, positive: { offset, bucketCounts }, sum = 0 }: ExponentialHistogram) {
  const empty = durations();
  const counts = Float64Array.from(empty.counts);
  counts.set(bucketCounts, offset - empty.offset);
  return { scale, offset: empty.offset, counts, sumSeconds: sum };
}

test("an exponential histogram tells each bucket as it was recorded, and folds into the explicit one", () => {
  fc.assert(
    fc.property(seconds, (recorded) => {
      const kept = durations(...recorded);
      const exact = exponentialHistogram(kept);
      const explicit = explicitHistogram(
        foldedCounts(kept, DURATION_BOUNDS_SECONDS),
        kept.sumSeconds,
        DURATION_BOUNDS_SECONDS,
      );
      expect(exact.count).toBe(recorded.length);
      expect([exact.count, exact.sum]).toEqual([explicit.count, explicit.sum]);
      expect(wholeGrid(exact)).toEqual(kept);
      expect(foldedCounts(wholeGrid(exact), DURATION_BOUNDS_SECONDS)).toEqual(explicit.buckets.counts);
      expect(explicit.buckets.boundaries).toEqual(DURATION_BOUNDS_SECONDS);
      // Nothing is sent of the buckets before the first and after the last.
      const { bucketCounts } = exact.positive;
      if (recorded.length > 0) expect([bucketCounts.at(0), bucketCounts.at(-1)]).not.toContain(0);
    }),
    { seed: 3, numRuns: 200 },
  );
});

test("a duration lies within the bounds that its bucket's index says", () => {
  for (const duration of [0.000_02, 0.001, 0.25, 0.26, 1, 3.7, 64]) {
    const { scale, positive } = exponentialHistogram(durations(duration));
    expect(positive.bucketCounts).toEqual([1]);
    const base = 2 ** (2 ** -scale);
    expect(duration).toBeGreaterThan(base ** positive.offset * (1 - 1e-9));
    expect(duration).toBeLessThanOrEqual(base ** (positive.offset + 1) * (1 + 1e-9));
  }
});

test("where nothing was recorded there are no buckets", () => {
  expect(exponentialHistogram(durations())).toMatchObject({
    count: 0,
    sum: 0,
    zeroCount: 0,
    positive: { bucketCounts: [] },
    negative: { bucketCounts: [] },
  });
});

test("a producer of exponential histograms tells the same as one of explicit ones, but for their shape", async () => {
  const told = snapshot({
    stageRows: [stageRow({ arrived: 3, duration: durations(0.1, 0.2, 4) })],
    resources: [resource()],
    resourceRows: [resourceRow({ uses: 1, wait: durations(0.5), use: durations(2) })],
  });
  const [explicit, exact] = await Promise.all(
    (["explicit", "exponential"] as const).map((histograms) => new Source(told, { histograms }).metrics()),
  );
  const plain = (metrics = explicit) => metrics?.filter(({ dataPointType }) => dataPointType > 1);
  expect(plain(exact)).toEqual(plain(explicit));
  expect(plain()?.length).toBeGreaterThan(5);
  const histograms = exact?.filter(({ dataPointType }) => dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) ?? [];
  expect(histograms).toHaveLength(3);
  for (const { descriptor, dataPoints } of histograms) {
    const same = explicit?.find((metric) => metric.descriptor.name === descriptor.name);
    expect(same?.dataPointType).toBe(DataPointType.HISTOGRAM);
    const folded = dataPoints.map(({ attributes, value }) => {
      const { count, sum } = value as ExponentialHistogram;
      const counts = foldedCounts(wholeGrid(value as ExponentialHistogram), DURATION_BOUNDS_SECONDS);
      return { attributes, value: { count, sum, buckets: { counts } } };
    });
    expect(same?.dataPoints).toMatchObject(folded);
  }
});
