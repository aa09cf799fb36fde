import type { Attributes } from "@opentelemetry/api";
import type { Histogram } from "@opentelemetry/sdk-metrics";
import { type DurationBuckets, METRICS } from "@pinchpoint/probe";
import { foldedCounts } from "./explicit-buckets.ts";
import { type SeriesRules, SeriesTable } from "./series-table.ts";

type MetricKey = keyof typeof METRICS;
export type HistogramKey = "stageDuration" | "resourceWaitDuration" | "resourceUseDuration";
export type NumberKey = Exclude<MetricKey, HistogramKey>;

const sum = (one: number, other: number): number => one + other;
const GAUGE: SeriesRules<number> = { sum, follow: (_, now) => now };
/** A row that could not be read untorn is missing for once; a counter that fell would look like a restart. */
const COUNTER: SeriesRules<number> = { sum, follow: Math.max };
const HISTOGRAM: SeriesRules<Histogram> = {
  sum: (one, other) => joined(one, other, sum),
  follow: (last, now) => joined(last, now, Math.max),
};

/** A table for each metric of the catalogue. What is not a number never gets in, and is counted. */
export class MetricTables {
  readonly boundsSeconds: readonly number[];
  readonly #numbers = new Map<MetricKey, SeriesTable<number>>();
  readonly #histograms = new Map<MetricKey, SeriesTable<Histogram>>();
  #notFinite = 0;

  constructor(maxSeries: number, boundsSeconds: readonly number[]) {
    this.boundsSeconds = boundsSeconds;
    for (const key of Object.keys(METRICS) as MetricKey[]) {
      const { type } = METRICS[key];
      if (type === "histogram") this.#histograms.set(key, new SeriesTable(HISTOGRAM, maxSeries));
      else this.#numbers.set(key, new SeriesTable(type === "counter" ? COUNTER : GAUGE, maxSeries));
    }
  }

  /** Values that were no numbers and were left out, in all. */
  get notFinite(): number {
    return this.#notFinite;
  }

  /** Series beyond the limit. */
  get refused(): number {
    let refused = 0;
    for (const table of [...this.#numbers.values(), ...this.#histograms.values()]) refused += table.refused;
    return refused;
  }

  number(key: NumberKey): SeriesTable<number> {
    return this.#numbers.get(key) as SeriesTable<number>;
  }

  histogram(key: HistogramKey): SeriesTable<Histogram> {
    return this.#histograms.get(key) as SeriesTable<Histogram>;
  }

  add(key: NumberKey, attributes: Attributes, value: number): void {
    if (Number.isFinite(value)) this.number(key).add(attributes, value);
    else this.#notFinite += 1;
  }

  addDurations(key: HistogramKey, attributes: Attributes, durations: DurationBuckets): void {
    const counts = foldedCounts(durations, this.boundsSeconds);
    const count = counts.reduce(sum, 0);
    if (!Number.isFinite(count) || !Number.isFinite(durations.sumSeconds)) {
      this.#notFinite += 1;
      return;
    }
    this.histogram(key).add(attributes, {
      buckets: { boundaries: [...this.boundsSeconds], counts },
      sum: durations.sumSeconds,
      count,
    });
  }
}

/** The count is made of the buckets, so that the two never disagree. */
function joined(one: Histogram, other: Histogram, join: (one: number, other: number) => number): Histogram {
  const counts = one.buckets.counts.map((count, bucket) => join(count, other.buckets.counts[bucket] ?? 0));
  return {
    buckets: { boundaries: one.buckets.boundaries, counts },
    sum: join(one.sum ?? 0, other.sum ?? 0),
    count: counts.reduce(sum, 0),
  };
}
