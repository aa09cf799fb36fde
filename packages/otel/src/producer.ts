import { performance } from "node:perf_hooks";
import type { Attributes, HrTime, ValueType } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import type {
  AggregationTemporality,
  CollectionResult,
  DataPoint,
  DataPointType,
  ExponentialHistogram,
  Histogram,
  MetricData,
  MetricProducer,
} from "@opentelemetry/sdk-metrics";
import { DURATION_GRID, METRICS, type Metric, type MetricKey } from "@pinchpoint/probe";
import { Collector, type CollectorOptions } from "./collector.ts";
import type { HistogramSeries } from "./histogram-series.ts";
import { explicitHistogram, exponentialHistogram } from "./histogram-values.ts";
import { hrTime } from "./hr-time.ts";
import type { HistogramKey, NumberKey } from "./metric-tables.ts";
import type { NumberSeries } from "./number-series.ts";
import { scope } from "./scope.ts";
import { sdkResources } from "./sdk-modules.ts";
import type { Series } from "./series-table.ts";
import { checkTemporality, type Temporality } from "./temporality.ts";

export interface SnapshotProducerOptions extends CollectorOptions {
  /** What describes the process, such as `service.name`. A reader that belongs to an SDK uses the SDK's own instead. */
  readonly resourceAttributes?: Attributes;
  /**
   * What durations are told as; default `explicit`, since Prometheus' text form has no exponential histograms. Those are
   * exact: each bucket is the recorder's own, not wider than 9 %.
   */
  readonly histograms?: "explicit" | "exponential";
  /** Default `cumulative`. With any other the producer belongs to one reader: what one was told, another is not. */
  readonly temporality?: Temporality;
  /** Milliseconds since 1970 at which the recorder's clock read 0; default `performance.timeOrigin`. */
  readonly clockOriginMs?: number;
}

// The SDK's enumerations, by value: importing them would load the SDK in every process that could be read from.
const DELTA: AggregationTemporality.DELTA = 0;
const CUMULATIVE: AggregationTemporality.CUMULATIVE = 1;
const HISTOGRAM: DataPointType.HISTOGRAM = 0;
const EXPONENTIAL_HISTOGRAM: DataPointType.EXPONENTIAL_HISTOGRAM = 1;
const GAUGE: DataPointType.GAUGE = 2;
const SUM: DataPointType.SUM = 3;
const INT: ValueType.INT = 0;
const DOUBLE: ValueType.DOUBLE = 1;

/**
 * Hands what the slabs hold to OpenTelemetry: each metric of the catalogue that has something to tell. Cumulative, for any
 * number of readers at once; or as differences, for one.
 */
export class SnapshotProducer implements MetricProducer {
  readonly #collector: Collector;
  readonly #resourceAttributes: Attributes;
  readonly #clockOriginMs: number;
  readonly #temporality: Temporality;
  #resource: Resource | null = null;
  /** When it was collected last, on the recorder's clock; 0 = never. */
  #lastAtMs = 0;

  /** @throws RangeError if maxSeries, boundsSeconds or temporality is not as described */
  constructor(options: SnapshotProducerOptions) {
    this.#collector = new Collector(options, options.histograms === "exponential");
    this.#resourceAttributes = options.resourceAttributes ?? {};
    this.#clockOriginMs = options.clockOriginMs ?? performance.timeOrigin;
    this.#temporality = checkTemporality(options.temporality ?? "cumulative");
  }

  async collect(): Promise<CollectionResult> {
    let metrics: readonly MetricData[] = [];
    const errors: unknown[] = [];
    try {
      metrics = this.#collector.collect(({ snapshot }) => this.#metrics(snapshot.atMs));
    } catch (error) {
      errors.push(error);
    }
    const scopeMetrics = metrics.length === 0 ? [] : [{ scope: scope(), metrics: [...metrics] }];
    this.#resource ??= sdkResources().resourceFromAttributes(this.#resourceAttributes);
    return { resourceMetrics: { resource: this.#resource, scopeMetrics }, errors };
  }

  #metrics(atMs: number): MetricData[] {
    const endTime = this.#hrTime(atMs);
    const metrics = (Object.entries(METRICS) as [MetricKey, Metric][])
      .map(([key, metric]) =>
        metric.type === "histogram"
          ? this.#histograms(key as HistogramKey, metric, atMs, endTime)
          : this.#numbers(key as NumberKey, metric, atMs, endTime),
      )
      .filter(({ dataPoints }) => dataPoints.length > 0);
    this.#lastAtMs = atMs;
    return metrics;
  }

  #numbers(key: NumberKey, metric: Metric, atMs: number, endTime: HrTime): MetricData {
    const isDelta = metric.type === "counter" && this.#temporality === "delta";
    const value = (series: NumberSeries): number => {
      if (!isDelta) return series.told;
      const difference = series.told - series.sent;
      series.sent = series.told;
      return difference;
    };
    const dataPoints = this.#points(this.#collector.tables.number(key).take(), { isDelta, atMs, endTime }, value);
    const base = { descriptor: descriptorOf(metric), aggregationTemporality: isDelta ? DELTA : CUMULATIVE, dataPoints };
    return metric.type === "gauge"
      ? { ...base, dataPointType: GAUGE }
      : { ...base, dataPointType: SUM, isMonotonic: true };
  }

  #histograms(key: HistogramKey, metric: Metric, atMs: number, endTime: HrTime): MetricData {
    const isDelta = this.#temporality !== "cumulative";
    const { table, boundsSeconds } = this.#collector.tables.histogram(key);
    const base = { descriptor: descriptorOf(metric), aggregationTemporality: isDelta ? DELTA : CUMULATIVE };
    const told = isDelta ? difference : all;
    const moment = { isDelta, atMs, endTime };
    if (boundsSeconds === null) {
      const value = (series: HistogramSeries): ExponentialHistogram => {
        const { counts, sumSeconds } = told(series);
        return exponentialHistogram({ scale: DURATION_GRID.scale, offset: DURATION_GRID.offset, counts, sumSeconds });
      };
      return { ...base, dataPointType: EXPONENTIAL_HISTOGRAM, dataPoints: this.#points(table.take(), moment, value) };
    }
    const value = (series: HistogramSeries): Histogram => {
      const { counts, sumSeconds } = told(series);
      return explicitHistogram(Array.from(counts), sumSeconds, boundsSeconds);
    };
    return { ...base, dataPointType: HISTOGRAM, dataPoints: this.#points(table.take(), moment, value) };
  }

  #points<S extends Series, Value>(
    taken: readonly S[],
    { isDelta, atMs, endTime }: { readonly isDelta: boolean; readonly atMs: number; readonly endTime: HrTime },
    value: (series: S) => Value,
  ): DataPoint<Value>[] {
    const sinceStart = this.#hrTime(0);
    const sinceLast = isDelta ? this.#hrTime(this.#lastAtMs) : sinceStart;
    return taken.map((series) => {
      // One that was not told for a while goes on where it ended; a new one began after the last collection.
      const isNext = series.toldAtMs === null || series.toldAtMs === this.#lastAtMs;
      const startTime = !isDelta || isNext ? sinceLast : this.#hrTime(series.toldAtMs ?? 0);
      series.toldAtMs = atMs;
      return { startTime, endTime, attributes: series.attributes, value: value(series) };
    });
  }

  #hrTime(atMs: number): HrTime {
    return hrTime(this.#clockOriginMs + atMs);
  }
}

interface Distribution {
  readonly counts: Float64Array;
  readonly sumSeconds: number;
}

function all({ told, toldSumSeconds }: HistogramSeries): Distribution {
  return { counts: told, sumSeconds: toldSumSeconds };
}

/** Never negative: what is told never falls. */
function difference(series: HistogramSeries): Distribution {
  const { told, toldSumSeconds } = series;
  const sent = series.sent ?? new Float64Array(told.length);
  const counts = told.map((count, bucket) => count - (sent[bucket] as number));
  const sumSeconds = toldSumSeconds - series.sentSumSeconds;
  sent.set(told);
  series.sent = sent;
  series.sentSumSeconds = toldSumSeconds;
  return { counts, sumSeconds };
}

function descriptorOf({ name, description, unit }: Metric): MetricData["descriptor"] {
  return { name, description, unit, valueType: unit.startsWith("{") ? INT : DOUBLE };
}
