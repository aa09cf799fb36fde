import type { Attributes } from "@opentelemetry/api";
import { ATTRIBUTE, METRICS, OVERFLOW_ATTRIBUTE, type StageDefinition } from "@pinchpoint/probe";
import { labelOf } from "./prometheus-names.ts";

/** Labels that mean something already; two labels of one name make Prometheus refuse the whole page. */
const TAKEN: ReadonlySet<string> = new Set(
  [
    ...Object.values(ATTRIBUTE),
    ...Object.values(METRICS).flatMap(({ attributes }) => attributes),
    "le",
    "quantile",
    "otel.metric.overflow",
    "otel.scope.name",
    "otel.scope.version",
    "otel.scope.schema_url",
  ].map(labelOf),
);

/** What identifies a stage: its pipeline, its name, and what the application bound to it. */
export function stageAttributes({ pipeline, name, attributes }: StageDefinition): Attributes {
  const labels = new Set(TAKEN);
  const bound = Object.entries(attributes).filter(([key]) => {
    const label = labelOf(key);
    const isUsable = /^[a-zA-Z_]/.test(label) && !labels.has(label);
    labels.add(label);
    return isUsable;
  });
  // As OpenTelemetry's SDK marks it, by a boolean.
  const overflow = attributes[OVERFLOW_ATTRIBUTE] === undefined ? {} : { [OVERFLOW_ATTRIBUTE]: true };
  return { [ATTRIBUTE.pipeline]: pipeline, [ATTRIBUTE.stage]: name, ...Object.fromEntries(bound), ...overflow };
}
