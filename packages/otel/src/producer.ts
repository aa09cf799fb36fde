import { performance } from "node:perf_hooks";
import type { Attributes, ValueType } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import type {
  AggregationTemporality,
  CollectionResult,
  DataPoint,
  DataPointType,
  MetricData,
  MetricProducer,
} from "@opentelemetry/sdk-metrics";
import { ATTRIBUTE, type DurationBuckets, METRICS, type Metric, type Snapshot } from "@pinchpoint/probe";
import { DURATION_BOUNDS_SECONDS } from "./explicit-buckets.ts";
import { explicitHistogram, exponentialHistogram } from "./histogram-values.ts";
import { hrTime } from "./hr-time.ts";
import { type HistogramKey, isExplicit, MetricTables, type NumberKey } from "./metric-tables.ts";
import { sdkResources } from "./sdk-modules.ts";
import type { Series } from "./series-table.ts";
import { addStages } from "./stage-series.ts";
import { type ThreadReading, ThreadSeries } from "./thread-series.ts";

/** How late the main thread's event loop ran what was due, since the last collection. */
export interface LoopDelay {
  readonly meanSeconds: number;
  readonly p50Seconds: number;
  readonly p99Seconds: number;
  readonly maxSeconds: number;
}

export interface Reading {
  readonly snapshot: Snapshot;
  readonly threads: readonly ThreadReading[];
  /** Null, or absent, where nothing was sampled. */
  readonly loopDelay?: LoopDelay | null;
}

export interface SnapshotProducerOptions {
  /** Called once for each collection. What it throws becomes the collection's error. */
  readonly read: () => Reading;
  /** What describes the process, such as `service.name`. A reader that belongs to an SDK uses the SDK's own instead. */
  readonly resourceAttributes?: Attributes;
  /** Series of one metric, the overflow included; an integer >= 2, default 2,000. */
  readonly maxSeries?: number;
  /**
   * What durations are told as; default `explicit`, since Prometheus' text form has no exponential histograms. Those are
   * exact: each bucket is the recorder's own, not wider than 9 %.
   */
  readonly histograms?: "explicit" | "exponential";
  /** Inclusive upper bounds of the explicit buckets, ascending; default: the powers of two from 15 µs to 64 s. */
  readonly boundsSeconds?: readonly number[];
  /** Milliseconds since 1970 at which the recorder's clock read 0; default `performance.timeOrigin`. */
  readonly clockOriginMs?: number;
}

// The SDK's enumerations, by value: importing them would load the SDK in every process that could be read from.
const CUMULATIVE: AggregationTemporality.CUMULATIVE = 1;
const HISTOGRAM: DataPointType.HISTOGRAM = 0;
const EXPONENTIAL_HISTOGRAM: DataPointType.EXPONENTIAL_HISTOGRAM = 1;
const GAUGE: DataPointType.GAUGE = 2;
const SUM: DataPointType.SUM = 3;
const INT: ValueType.INT = 0;
const DOUBLE: ValueType.DOUBLE = 1;

const SCOPE = { name: "pinchpoint" };

/**
 * Hands what the slabs hold to OpenTelemetry: cumulative data points for any number of readers at once, each metric of
 * the catalogue that has something to tell.
 */
export class SnapshotProducer implements MetricProducer {
  readonly #read: () => Reading;
  readonly #resourceAttributes: Attributes;
  readonly #clockOriginMs: number;
  readonly #tables: MetricTables;
  readonly #boundsSeconds: readonly number[];
  readonly #isExact: boolean;
  readonly #threads = new ThreadSeries();
  #resource: Resource | null = null;

  /** @throws RangeError if maxSeries or boundsSeconds is not as described */
  constructor(options: SnapshotProducerOptions) {
    const { maxSeries = 2000, boundsSeconds = DURATION_BOUNDS_SECONDS } = options;
    if (!Number.isInteger(maxSeries) || maxSeries < 2) {
      throw new RangeError(`maxSeries must be an integer >= 2, got ${maxSeries}`);
    }
    if (!boundsSeconds.every((bound, index) => bound > (boundsSeconds[index - 1] ?? 0) && bound < Infinity)) {
      throw new RangeError(`boundsSeconds must be finite, > 0 and ascending, got ${boundsSeconds.join(", ")}`);
    }
    this.#read = options.read;
    this.#resourceAttributes = options.resourceAttributes ?? {};
    this.#clockOriginMs = options.clockOriginMs ?? performance.timeOrigin;
    this.#tables = new MetricTables(maxSeries);
    this.#boundsSeconds = boundsSeconds;
    this.#isExact = options.histograms === "exponential";
  }

  async collect(): Promise<CollectionResult> {
    const metrics: MetricData[] = [];
    const errors: unknown[] = [];
    try {
      metrics.push(...this.#metrics(this.#read()));
    } catch (error) {
      errors.push(error);
    }
    const scopeMetrics = metrics.length === 0 ? [] : [{ scope: SCOPE, metrics }];
    this.#resource ??= sdkResources().resourceFromAttributes(this.#resourceAttributes);
    return { resourceMetrics: { resource: this.#resource, scopeMetrics }, errors };
  }

  #metrics({ snapshot, threads, loopDelay }: Reading): MetricData[] {
    const tables = this.#tables;
    addStages(tables, snapshot);
    this.#threads.add(tables, snapshot, threads);
    if (loopDelay) this.#addLoopDelay(loopDelay);
    for (const [reason, count] of Object.entries(snapshot.losses)) this.#addLoss(reason, count);
    // Told from the start, at 0, so that a rule can be built on them.
    this.#addLoss("series-limit", tables.refused);
    this.#addLoss("not-finite", tables.notFinite);
    const startTime = hrTime(this.#clockOriginMs);
    const endTime = hrTime(this.#clockOriginMs + snapshot.atMs);
    const points = <T>(series: readonly Series<T>[]): DataPoint<T>[] =>
      series.map(({ attributes, value }) => ({ startTime, endTime, attributes, value }));
    return (Object.entries(METRICS) as [keyof typeof METRICS, Metric][])
      .map(([key, metric]) => {
        const base = { descriptor: descriptorOf(metric), aggregationTemporality: CUMULATIVE };
        if (isExplicit(key)) {
          return { ...base, dataPointType: HISTOGRAM, dataPoints: points(tables.explicit(key).take()) };
        }
        if (metric.type === "histogram") {
          return { ...base, ...this.#histograms(points(tables.histogram(key as HistogramKey).take())) };
        }
        const dataPoints = points(tables.number(key as NumberKey).take());
        return metric.type === "gauge"
          ? { ...base, dataPointType: GAUGE, dataPoints }
          : { ...base, dataPointType: SUM, isMonotonic: true, dataPoints };
      })
      .filter(({ dataPoints }) => dataPoints.length > 0);
  }

  #histograms(dataPoints: readonly DataPoint<DurationBuckets>[]) {
    if (this.#isExact) {
      const exact = dataPoints.map((point) => ({ ...point, value: exponentialHistogram(point.value) }));
      return { dataPointType: EXPONENTIAL_HISTOGRAM, dataPoints: exact } as const;
    }
    const explicit = dataPoints.map((point) => ({
      ...point,
      value: explicitHistogram(point.value, this.#boundsSeconds),
    }));
    return { dataPointType: HISTOGRAM, dataPoints: explicit } as const;
  }

  #addLoopDelay({ meanSeconds, p50Seconds, p99Seconds, maxSeconds }: LoopDelay): void {
    const attributes = { [ATTRIBUTE.threadRole]: "main" };
    this.#tables.add("loopDelayMean", attributes, meanSeconds);
    this.#tables.add("loopDelayP50", attributes, p50Seconds);
    this.#tables.add("loopDelayP99", attributes, p99Seconds);
    this.#tables.add("loopDelayMax", attributes, maxSeconds);
  }

  #addLoss(reason: string, count: number): void {
    this.#tables.add("dropped", { [ATTRIBUTE.reason]: reason }, count);
  }
}

function descriptorOf({ name, description, unit }: Metric): MetricData["descriptor"] {
  return { name, description, unit, valueType: unit.startsWith("{") ? INT : DOUBLE };
}
