import { performance } from "node:perf_hooks";
import type { Attributes } from "@opentelemetry/api";
import { METRICS, type Metric, type MetricKey } from "@pinchpoint/probe";
import { Collector, type CollectorOptions, type Reading } from "./collector.ts";
import { bucketExemplars, exemplarText } from "./exemplar-text.ts";
import { boundText, escapedHelp, labelsText } from "./exposition-text.ts";
import type { HistogramKey, NumberKey } from "./metric-tables.ts";
import type { Page, PageFormat } from "./page.ts";
import { PageWriter } from "./page-writer.ts";
import { type PrometheusName, prometheusName } from "./prometheus-names.ts";
import { scope } from "./scope.ts";
import type { Series } from "./series-table.ts";

export interface MetricsPageOptions extends Omit<CollectorOptions, "read"> {
  /** What describes the process, such as `service.name`: the labels of `target_info`. */
  readonly resourceAttributes?: Attributes;
  /** Milliseconds since 1970 at which the recorder's clock read 0; default `performance.timeOrigin`. */
  readonly clockOriginMs?: number;
}

/**
 * The page of metrics that Prometheus scrapes. The labels of a series are rendered once and kept, as bytes: rendering them at
 * each scrape is what exporter-prometheus spends its time on.
 */
export class MetricsPage implements Page {
  readonly formats: readonly PageFormat[] = ["prometheus", "openmetrics"];
  readonly #collector: Collector;
  readonly #clockOriginMs: number;
  readonly #target: string;
  readonly #families: readonly Family[];
  #expectedBytes = 0;

  /**
   * @param read - called once for each rendering
   * @throws RangeError if maxSeries or boundsSeconds is not as described
   */
  constructor(read: () => Reading, options: MetricsPageOptions = {}) {
    this.#collector = new Collector({ ...options, read }, false);
    this.#clockOriginMs = options.clockOriginMs ?? performance.timeOrigin;
    this.#target = labelsText(options.resourceAttributes ?? {});
    this.#families = (Object.entries(METRICS) as [MetricKey, Metric][]).map(([key, metric]) => {
      const { boundsSeconds = null } =
        metric.type === "histogram" ? this.#collector.tables.histogram(key as HistogramKey) : {};
      return familyOf(key, metric, boundsSeconds);
    });
  }

  /**
   * The page, in UTF-8.
   *
   * @throws what reading throws
   */
  render(format: PageFormat): Buffer {
    return this.#collector.collect((reading) => {
      const writer = new PageWriter(this.#expectedBytes);
      writer.text(targetText(this.#target, format));
      for (const family of this.#families) {
        if (family.metric.type === "histogram") this.#writeHistograms(writer, family, format, reading);
        else this.#writeNumbers(writer, family, format);
      }
      if (format === "openmetrics") writer.text("# EOF\n");
      const { written } = writer;
      // Counts gain digits.
      this.#expectedBytes = Math.ceil(written.length * 1.1);
      return written;
    });
  }

  #writeNumbers(writer: PageWriter, { key, name, headers }: Family, format: PageFormat): void {
    const taken = this.#collector.tables.number(key as NumberKey).take();
    if (taken.length === 0) return;
    writer.bytes(headers[format]);
    for (const series of taken) {
      series.labels ??= Buffer.from(`${name.sample}{${labelsOf(series)}} `);
      writer.bytes(series.labels);
      writer.number(series.told);
      writer.endLine();
    }
  }

  #writeHistograms(writer: PageWriter, family: Family, format: PageFormat, { exemplars = [] }: Reading): void {
    const { key, headers, sum, count } = family;
    const { table, boundsSeconds } = this.#collector.tables.histogram(key as HistogramKey);
    const taken = table.take();
    if (taken.length === 0) return;
    const isShown = format === "openmetrics" && key === "stageDuration" && exemplars.length > 0;
    const shown = isShown ? bucketExemplars(exemplars, this.#collector.stages, boundsSeconds ?? []) : null;
    const buckets = family.buckets[format];
    writer.bytes(headers[format]);
    for (const series of taken) {
      series.labels ??= Buffer.from(labelsOf(series));
      const { told, labels } = series;
      const examples = shown?.get(series);
      let total = 0;
      for (let bucket = 0; bucket < told.length; bucket++) {
        total += told[bucket] as number;
        writer.bytes(family.bucket);
        writer.bytes(labels);
        writer.bytes(buckets[bucket] as Uint8Array);
        writer.number(total);
        const example = examples?.get(bucket);
        if (example !== undefined) writer.text(exemplarText(example, this.#clockOriginMs));
        writer.endLine();
      }
      writer.bytes(sum);
      writer.bytes(labels);
      writer.bytes(VALUE);
      writer.number(series.toldSumSeconds);
      writer.endLine();
      writer.bytes(count);
      writer.bytes(labels);
      writer.bytes(VALUE);
      writer.number(total);
      writer.endLine();
    }
  }
}

/** Between the labels and the value. */
const VALUE: Uint8Array = Buffer.from("} ");

/** What is the same at each rendering, in UTF-8. */
interface Family {
  readonly key: MetricKey;
  readonly metric: Metric;
  readonly name: PrometheusName;
  /** What stands before its samples. */
  readonly headers: Readonly<Record<PageFormat, Uint8Array>>;
  /** What stands before a series' labels. */
  readonly bucket: Uint8Array;
  readonly sum: Uint8Array;
  readonly count: Uint8Array;
  /** What stands behind them in each bucket, up to its value. */
  readonly buckets: Readonly<Record<PageFormat, readonly Uint8Array[]>>;
}

function familyOf(key: MetricKey, metric: Metric, boundsSeconds: readonly number[] | null): Family {
  const name = prometheusName(metric);
  const bounds = boundsSeconds === null ? [] : [...boundsSeconds, Number.POSITIVE_INFINITY];
  const ends = (format: PageFormat) => bounds.map((bound) => Buffer.from(`,le="${boundText(bound, format)}"} `));
  return {
    key,
    metric,
    name,
    headers: {
      prometheus: Buffer.from(headerText(name.sample, metric, "prometheus")),
      openmetrics: Buffer.from(headerText(name.base, metric, "openmetrics") + unitText(name)),
    },
    bucket: Buffer.from(`${name.base}_bucket{`),
    sum: Buffer.from(`${name.base}_sum{`),
    count: Buffer.from(`${name.base}_count{`),
    buckets: { prometheus: ends("prometheus"), openmetrics: ends("openmetrics") },
  };
}

function headerText(family: string, { type, description }: Metric, format: PageFormat): string {
  return `# HELP ${family} ${escapedHelp(description, format)}\n# TYPE ${family} ${type}\n`;
}

function unitText({ base, unit }: PrometheusName): string {
  return unit === null ? "" : `# UNIT ${base} ${unit}\n`;
}

/** A gauge in the text format, which has nothing better; in OpenMetrics, where a name says its type, of the type `info`. */
function targetText(labels: string, format: PageFormat): string {
  const [family, type] = format === "openmetrics" ? ["target", "info"] : ["target_info", "gauge"];
  return `# HELP ${family} Target metadata\n# TYPE ${family} ${type}\ntarget_info${labels && `{${labels}}`} 1\n`;
}

/** There is always one: the scope's name. */
function labelsOf({ attributes }: Series): string {
  const { name, version } = scope();
  return labelsText({ ...attributes, "otel.scope.name": name, "otel.scope.version": version });
}
