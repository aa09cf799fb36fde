import type { AttributeValue } from "@opentelemetry/api";
import { numberText } from "./page-writer.ts";
import { labelOf } from "./prometheus-names.ts";

/** The parts that lines of Prometheus' text format, version 0.0.4, and of OpenMetrics 1.0.0 are made of. */

/**
 * Labels in the order of the attributes, with commas between them and no braces. Where two attributes are one label, it
 * has both values, in the order of the attributes' names, as OpenTelemetry's specification has it.
 */
export function labelsText(attributes: Readonly<Record<string, AttributeValue | undefined>>): string {
  const values = new Map<string, [key: string, value: string][]>();
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    const label = /^[0-9]/.test(key) ? `key_${labelOf(key)}` : labelOf(key);
    const text = typeof value === "string" ? value : JSON.stringify(value);
    values.set(label, [...(values.get(label) ?? []), [key, text]]);
  }
  return [...values].map(([label, of]) => `${label}="${escapedValue(joined(of))}"`).join(",");
}

function joined(values: [key: string, value: string][]): string {
  const [first] = values;
  if (values.length === 1 && first !== undefined) return first[1];
  return values
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, value]) => value)
    .join(";");
}

function escapedValue(text: string): string {
  return /[\\\n"]/.test(text) ? text.replaceAll(/[\\\n"]/g, escaped) : text;
}

/** A help text in the text format; quotes are escaped in OpenMetrics only. */
export function escapedHelp(text: string, format: "prometheus" | "openmetrics"): string {
  return text.replaceAll(format === "openmetrics" ? /[\\\n"]/g : /[\\\n]/g, escaped);
}

function escaped(character: string): string {
  return character === "\n" ? "\\n" : `\\${character}`;
}

/** Bounds are floats in OpenMetrics, which writes whole ones with a point; the text format has them as they are. */
export function boundText(bound: number, format: "prometheus" | "openmetrics"): string {
  const text = numberText(bound);
  return format === "openmetrics" && /^-?\d+$/.test(text) ? `${text}.0` : text;
}
