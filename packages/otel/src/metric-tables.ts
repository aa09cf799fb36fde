import type { Attributes } from "@opentelemetry/api";
import type { Histogram } from "@opentelemetry/sdk-metrics";
import { type DurationBuckets, METRICS } from "@pinchpoint/probe";
import { type SeriesRules, SeriesTable } from "./series-table.ts";

type MetricKey = keyof typeof METRICS;
/** Durations on the recorder's grid. */
export type HistogramKey = "stageDuration" | "resourceWaitDuration" | "resourceUseDuration";
/** Histograms that come in buckets of their own. */
export type ExplicitKey = "gcDuration";
export type NumberKey = Exclude<MetricKey, HistogramKey | ExplicitKey>;

const sum = (one: number, other: number): number => one + other;
const GAUGE: SeriesRules<number> = { sum, follow: (_, now) => now };
/** A row that could not be read untorn is missing for once; a counter that fell would look like a restart. */
const COUNTER: SeriesRules<number> = { sum, follow: Math.max };
const HISTOGRAM: SeriesRules<DurationBuckets> = {
  sum: (one, other) => joined(one, other, sum),
  follow: (last, now) => joined(last, now, Math.max),
};

const EXPLICIT: SeriesRules<Histogram> = {
  sum: (one, other) => joinedExplicit(one, other, sum),
  follow: (last, now) => joinedExplicit(last, now, Math.max),
};

export function isExplicit(key: MetricKey): key is ExplicitKey {
  return key === "gcDuration";
}

/** A table for each metric of the catalogue. What is not a number never gets in, and is counted. */
export class MetricTables {
  readonly #numbers = new Map<MetricKey, SeriesTable<number>>();
  readonly #histograms = new Map<MetricKey, SeriesTable<DurationBuckets>>();
  readonly #explicit: Readonly<Record<ExplicitKey, SeriesTable<Histogram>>>;
  #notFinite = 0;

  constructor(maxSeries: number) {
    this.#explicit = { gcDuration: new SeriesTable(EXPLICIT, maxSeries) };
    for (const key of Object.keys(METRICS) as MetricKey[]) {
      const { type } = METRICS[key];
      if (isExplicit(key)) continue;
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
    const tables = [...this.#numbers.values(), ...this.#histograms.values(), ...Object.values(this.#explicit)];
    for (const table of tables) refused += table.refused;
    return refused;
  }

  number(key: NumberKey): SeriesTable<number> {
    return this.#numbers.get(key) as SeriesTable<number>;
  }

  histogram(key: HistogramKey): SeriesTable<DurationBuckets> {
    return this.#histograms.get(key) as SeriesTable<DurationBuckets>;
  }

  explicit(key: ExplicitKey): SeriesTable<Histogram> {
    return this.#explicit[key];
  }

  add(key: NumberKey, attributes: Attributes, value: number): void {
    if (Number.isFinite(value)) this.number(key).add(attributes, value);
    else this.#notFinite += 1;
  }

  addDurations(key: HistogramKey, attributes: Attributes, durations: DurationBuckets): void {
    const count = durations.counts.reduce(sum, 0);
    if (!Number.isFinite(count) || !Number.isFinite(durations.sumSeconds)) this.#notFinite += 1;
    else this.histogram(key).add(attributes, durations);
  }
}

/** All durations are on one grid, so that they go together bucket by bucket. */
function joined(
  one: DurationBuckets,
  other: DurationBuckets,
  join: (one: number, other: number) => number,
): DurationBuckets {
  const counts = one.counts.map((count, bucket) => join(count, other.counts[bucket] ?? 0));
  return { ...one, counts, sumSeconds: join(one.sumSeconds, other.sumSeconds) };
}

/** The count is made of the buckets, so that the two never disagree. */
function joinedExplicit(one: Histogram, other: Histogram, join: (one: number, other: number) => number): Histogram {
  const counts = one.buckets.counts.map((count, bucket) => join(count, other.buckets.counts[bucket] ?? 0));
  return {
    buckets: { boundaries: one.buckets.boundaries, counts },
    sum: join(one.sum ?? 0, other.sum ?? 0),
    count: counts.reduce(sum, 0),
  };
}
