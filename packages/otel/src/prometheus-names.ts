import type { Metric } from "@pinchpoint/probe";

/** What Prometheus calls a UCUM unit; annotations such as `{item}` are left out. */
const UNITS: Readonly<Record<string, string>> = { s: "seconds", By: "bytes", "1": "ratio" };

export interface PrometheusName {
  /** Of the family in OpenMetrics; it ends in the unit. */
  readonly base: string;
  /** What it ends in; null where the metric has no unit. */
  readonly unit: string | null;
  /** Of the samples of a counter or gauge, and of the family in the text format. */
  readonly sample: string;
}

/**
 * A metric's name as OpenTelemetry's compatibility specification for Prometheus and OpenMetrics has it by default:
 * underscores, then the unit, then `_total` for a counter.
 */
export function prometheusName({ name, type, unit }: Metric): PrometheusName {
  const suffix = (unit === "1" && type !== "gauge" ? undefined : UNITS[unit]) ?? null;
  const plain = name.replaceAll(/[^a-zA-Z0-9_:]/g, "_").replaceAll(/_{2,}/g, "_");
  const base = suffix === null || plain.endsWith(`_${suffix}`) ? plain : `${plain}_${suffix}`;
  return { base, unit: suffix, sample: type === "counter" ? `${base}_total` : base };
}

/** As exporter-prometheus makes a label of an attribute. */
export function labelOf(key: string): string {
  return key.replaceAll(/[^a-zA-Z0-9_]/g, "_").replaceAll(/_{2,}/g, "_");
}
