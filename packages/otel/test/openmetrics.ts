import type { Family, Sample } from "./exposition.ts";

/** What a bucket gives as its example. */
export interface ShownExemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly seconds: number;
}

export interface OpenSample extends Sample {
  readonly exemplar: ShownExemplar | null;
}

export interface OpenFamily extends Omit<Family, "samples"> {
  readonly unit: string | null;
  readonly samples: readonly OpenSample[];
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
const LABELS = `\\{((?:${LABEL}(?:,${LABEL})*)?)\\}`;
const NUMBER = "[+-]?(?:\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|Inf)|NaN";
const SAMPLE = new RegExp(`^(${NAME})(?:${LABELS})? (${NUMBER})(?: # ${LABELS} (${NUMBER}) (\\d+(?:\\.\\d+)?))?$`);
const METADATA = new RegExp(`^# (HELP|TYPE|UNIT) (${NAME}) (.*)$`);
const ENDS: Readonly<Record<string, readonly string[]>> = {
  counter: ["_total"],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"],
  info: ["_info"],
};
const MOST_EXEMPLAR_CHARACTERS = 128;

/**
 * Reads OpenMetrics 1.0.0 as strictly as it is specified, as far as Pinchpoint uses it: counters, gauges, histograms and
 * info, no timestamps but those of exemplars.
 *
 * @returns families by name
 * @throws Error at the first line that is not as it should be
 */
export function openMetrics(text: string): Map<string, OpenFamily> {
  const lines = text.split("\n");
  if (lines.pop() !== "" || lines.pop() !== "# EOF") throw new Error("the last line must be # EOF");
  const families = new Map<string, { type: string; help: string | null; unit: string | null; samples: OpenSample[] }>();
  const seen = new Set<string>();
  let current = "";
  for (const line of lines) {
    const [, keyword, name = "", rest = ""] = METADATA.exec(line) ?? [];
    if (keyword !== undefined) {
      if (name !== current && families.has(name)) throw new Error(`a family in two places: ${line}`);
      current = name;
      const family = families.get(name) ?? { type: "unknown", help: null, unit: null, samples: [] };
      families.set(name, family);
      if (family.samples.length > 0) throw new Error(`metadata behind samples: ${line}`);
      if (keyword === "HELP") family.help = once(family.help, rest, line);
      else if (keyword === "UNIT") family.unit = once(family.unit, rest, line);
      else family.type = once(family.type === "unknown" ? null : family.type, rest, line);
      if (keyword === "UNIT" && !name.endsWith(`_${rest}`)) throw new Error(`a name without its unit: ${line}`);
      continue;
    }
    const sample = sampleOf(line);
    const family = families.get(current);
    const end = (ENDS[family?.type ?? ""] ?? []).find((of) => current + of === sample.name);
    if (family === undefined || end === undefined) throw new Error(`a sample outside of its family: ${line}`);
    if (sample.exemplar !== null && end !== "_bucket" && end !== "_total")
      throw new Error(`no exemplars here: ${line}`);
    if (family.type !== "gauge" && !(sample.value >= 0)) throw new Error(`a negative count: ${line}`);
    if (end === "_bucket") checkBound(sample, line);
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
    if (seen.has(key)) throw new Error(`a second sample of one series: ${line}`);
    seen.add(key);
    family.samples.push(sample);
  }
  for (const [name, family] of families) if (family.type === "histogram") checkHistogram(name, family);
  return families;
}

function once(known: string | null, text: string, line: string): string {
  if (known !== null) throw new Error(`told twice: ${line}`);
  return text;
}

function sampleOf(line: string): OpenSample {
  const match = SAMPLE.exec(line);
  if (match === null) throw new Error(`no sample: ${line}`);
  const [, name = "", labels, value = "", example, exampleValue, seconds] = match;
  if (example === undefined) return { name, labels: labelsOf(labels, line), value: numberOf(value), exemplar: null };
  const shown = labelsOf(example, line);
  const characters = Object.entries(shown).reduce((sum, [key, text]) => sum + [...key, ...text].length, 0);
  if (characters > MOST_EXEMPLAR_CHARACTERS) throw new Error(`an exemplar that is too long: ${line}`);
  const exemplar = { labels: shown, value: numberOf(exampleValue ?? ""), seconds: Number(seconds) };
  return { name, labels: labelsOf(labels, line), value: numberOf(value), exemplar };
}

function labelsOf(text: string | undefined, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, key = "", value = ""] of (text ?? "").matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g)) {
    if (key in labels) throw new Error(`the label ${key} twice: ${line}`);
    labels[key] = value.replaceAll(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
  }
  return labels;
}

function numberOf(text: string): number {
  return Number(text.replace("Inf", "Infinity"));
}

/** A bound is a float, written as one; the example of a bucket lies below it. */
function checkBound({ labels: { le = "" }, exemplar }: OpenSample, line: string): void {
  if (!/[.eI]/.test(le)) throw new Error(`a bound that is no float: ${line}`);
  if (exemplar !== null && exemplar.value > numberOf(le)) throw new Error(`an exemplar beyond its bucket: ${line}`);
}

function checkHistogram(name: string, { samples }: OpenFamily): void {
  const seriesOf = ({ labels: { le: _, ...labels } }: OpenSample) => JSON.stringify(Object.entries(labels).sort());
  for (const of of Map.groupBy(samples, seriesOf).values()) {
    const buckets = of.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => numberOf(labels.le ?? ""));
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`${name}: no last bucket`);
    for (const [at, { value, exemplar }] of buckets.entries()) {
      const before = buckets[at - 1];
      if (before === undefined) continue;
      const bound = bounds[at - 1] as number;
      if (bound >= (bounds[at] as number) || before.value > value) throw new Error(`${name}: buckets that fall`);
      if (exemplar !== null && exemplar.value <= bound) throw new Error(`${name}: an exemplar below its bucket`);
    }
    const count = of.filter((sample) => sample.name === `${name}_count`);
    if (count.length !== 1 || count[0]?.value !== buckets.at(-1)?.value) throw new Error(`${name}: the count`);
    if (of.filter((sample) => sample.name === `${name}_sum`).length !== 1) throw new Error(`${name}: one sum`);
  }
}
