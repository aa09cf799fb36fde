import type { Attributes } from "@opentelemetry/api";
import { DURATION_GRID, type DurationBuckets, METRICS, type MetricKey } from "@pinchpoint/probe";
import { BucketFold } from "./explicit-buckets.ts";
import { HistogramSeries } from "./histogram-series.ts";
import { NumberSeries } from "./number-series.ts";
import { type Place, SeriesTable } from "./series-table.ts";

/** Histograms that come in buckets of their own. */
export type ExplicitKey = "gcDuration" | "collectDuration";
/** Durations on the recorder's grid. */
export type DurationKey = "stageDuration" | "resourceWaitDuration" | "resourceUseDuration";
export type HistogramKey = DurationKey | ExplicitKey;
export type NumberKey = Exclude<MetricKey, HistogramKey>;

interface HistogramTable {
  readonly table: SeriesTable<HistogramSeries>;
  /** Null where the buckets are those of the recorder's grid. */
  readonly boundsSeconds: readonly number[] | null;
  readonly fold: BucketFold | null;
  /** Of one row. */
  readonly scratch: Float64Array;
}

export interface MetricTablesOptions {
  /** Of each metric, the overflow included. */
  readonly maxSeries: number;
  /** Inclusive upper bounds of each histogram. */
  readonly bounds: ReadonlyMap<MetricKey, readonly number[]>;
  /** Whether durations stay on the recorder's grid. */
  readonly isExact: boolean;
}

const EXPLICIT: ReadonlySet<MetricKey> = new Set<ExplicitKey>(["gcDuration", "collectDuration"]);

/**
 * A table for each metric of the catalogue. What is not a number never gets in, and is counted. A collection is `begin`,
 * what is added, and then what is taken of each metric.
 */
export class MetricTables {
  readonly #numbers = new Map<MetricKey, SeriesTable<NumberSeries>>();
  readonly #histograms = new Map<MetricKey, HistogramTable>();
  #notFinite = 0;

  constructor({ maxSeries, bounds, isExact }: MetricTablesOptions) {
    for (const key of Object.keys(METRICS) as MetricKey[]) {
      const { type } = METRICS[key];
      if (type === "histogram") {
        const isGrid = isExact && !EXPLICIT.has(key);
        this.#histograms.set(key, histogramTable(maxSeries, isGrid ? null : (bounds.get(key) ?? [])));
      } else {
        const isCounter = type === "counter";
        this.#numbers.set(key, new SeriesTable(maxSeries, (attributes) => new NumberSeries(attributes, isCounter)));
      }
    }
  }

  /** Values that were no numbers and were left out, in all. */
  get notFinite(): number {
    return this.#notFinite;
  }

  /** Series beyond the limit. */
  get refused(): number {
    let refused = 0;
    for (const table of this.#numbers.values()) refused += table.refused;
    for (const { table } of this.#histograms.values()) refused += table.refused;
    return refused;
  }

  begin(): void {
    for (const table of this.#numbers.values()) table.begin();
    for (const { table } of this.#histograms.values()) table.begin();
  }

  number(key: NumberKey): SeriesTable<NumberSeries> {
    return this.#numbers.get(key) as SeriesTable<NumberSeries>;
  }

  histogram(key: HistogramKey): HistogramTable {
    return this.#histograms.get(key) as HistogramTable;
  }

  /** For what is not there at each collection; whoever comes back keeps the place and uses `addTo`. */
  add(key: NumberKey, attributes: Attributes, value: number): void {
    this.addTo(this.number(key).place(attributes), value);
  }

  addTo(place: Place<NumberSeries>, value: number): void {
    if (Number.isFinite(value)) place.now().add(value);
    else this.#notFinite += 1;
  }

  addDurations(key: DurationKey, place: Place<HistogramSeries>, durations: DurationBuckets): void {
    const { fold, scratch } = this.histogram(key);
    let counts: Float64Array = durations.counts;
    let total = 0;
    if (fold === null) for (let bucket = 0; bucket < counts.length; bucket++) total += counts[bucket] as number;
    else {
      scratch.fill(0);
      total = fold.addTo(scratch, durations);
      counts = scratch;
    }
    if (Number.isFinite(total) && Number.isFinite(durations.sumSeconds)) place.now().add(counts, durations.sumSeconds);
    else this.#notFinite += 1;
  }

  /** @param counts - in the metric's own buckets */
  addCounts(key: ExplicitKey, attributes: Attributes, counts: ArrayLike<number>, sumSeconds: number): void {
    let total = sumSeconds;
    for (let bucket = 0; bucket < counts.length; bucket++) total += counts[bucket] as number;
    if (Number.isFinite(total)) this.histogram(key).table.place(attributes).now().add(counts, sumSeconds);
    else this.#notFinite += 1;
  }
}

function histogramTable(maxSeries: number, boundsSeconds: readonly number[] | null): HistogramTable {
  const buckets = boundsSeconds === null ? DURATION_GRID.buckets : boundsSeconds.length + 1;
  return {
    table: new SeriesTable(maxSeries, (attributes) => new HistogramSeries(attributes, buckets)),
    boundsSeconds,
    fold: boundsSeconds === null ? null : new BucketFold(boundsSeconds),
    scratch: new Float64Array(buckets),
  };
}
