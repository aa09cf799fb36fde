export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly type: string;
  readonly help: string | null;
  readonly samples: readonly Sample[];
}

/** Values that JavaScript's Number does not read, or reads though Go's ParseFloat does not write them so. */
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["+Inf", Number.POSITIVE_INFINITY],
  ["-Inf", Number.NEGATIVE_INFINITY],
]);

/**
 * Reads the text format of Prometheus, version 0.0.4, as strictly as its description allows
 * (https://prometheus.io/docs/instrumenting/exposition_formats/).
 *
 * @returns families by name
 * @throws Error at the first line that is not as it should be
 */
export function exposition(text: string): Map<string, Family> {
  if (!text.endsWith("\n")) throw new Error("the last line must end with a line feed");
  const families = new Map<string, Family & { samples: Sample[] }>();
  const helps = new Map<string, string>();
  const seen = new Set<string>();
  let current: string | null = null;
  for (const line of text.slice(0, -1).split("\n")) {
    if (line === "") continue;
    const [, keyword, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === "HELP") {
      if (helps.has(name as string) || families.has(name as string)) throw new Error(`a second or late HELP: ${line}`);
      helps.set(name as string, unescaped(rest as string, line));
    } else if (keyword === "TYPE") {
      if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name as string)) throw new Error(`no name of a metric: ${line}`);
      if (!/^(counter|gauge|histogram)$/.test(rest as string)) throw new Error(`an unknown type: ${line}`);
      if (families.has(name as string)) throw new Error(`a second TYPE: ${line}`);
      families.set(name as string, { type: rest as string, help: helps.get(name as string) ?? null, samples: [] });
      current = name as string;
    } else if (!line.startsWith("#")) {
      const sample = sampleOf(line);
      const family = current === null ? undefined : families.get(current);
      if (family === undefined || !belongs(sample.name, current as string, family.type)) {
        throw new Error(`a sample outside of its family: ${line}`);
      }
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(key)) throw new Error(`a second sample of one series: ${line}`);
      seen.add(key);
      family.samples.push(sample);
    }
  }
  for (const [name, family] of families) if (family.type === "histogram") checkHistogram(name, family);
  return families;
}

function belongs(sample: string, family: string, type: string): boolean {
  return type === "histogram"
    ? ["_bucket", "_sum", "_count"].some((end) => sample === family + end)
    : sample === family;
}

function sampleOf(line: string): Sample {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  let at = name.length;
  if (line[at] === "{") {
    at += 1;
    while (line[at] !== "}") {
      const label = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|(?=\}))/.exec(line.slice(at));
      if (label === null) throw new Error(`no label at column ${at}: ${line}`);
      const [whole, key, value] = label as unknown as [string, string, string];
      if (key in labels) throw new Error(`the label ${key} twice: ${line}`);
      labels[key] = unescaped(value, line);
      at += whole.length;
    }
    at += 1;
  }
  const value = /^ (\S+)$/.exec(line.slice(at))?.[1];
  if (value === undefined) throw new Error(`no value: ${line}`);
  const number = SPECIAL.get(value) ?? (/^[-+]?\d/.test(value) ? Number(value) : Number.NaN);
  if (Number.isNaN(number) && value !== "NaN") throw new Error(`not a number: ${line}`);
  return { name, labels, value: number };
}

function unescaped(text: string, line: string): string {
  return text.replaceAll(/\\(.)/g, (_, character: string) => {
    if (character === "n") return "\n";
    if (character === "\\" || character === '"') return character;
    throw new Error(`an unknown escape: ${line}`);
  });
}

/** Buckets ascend to +Inf, count what is at most their bound, and end with the count. */
function checkHistogram(name: string, { samples }: Family): void {
  const seriesOf = ({ labels: { le: _, ...labels } }: Sample) => JSON.stringify(Object.entries(labels).sort());
  for (const [series, of] of Map.groupBy(samples, seriesOf)) {
    const buckets = of.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => SPECIAL.get(labels.le ?? "") ?? Number(labels.le));
    const counts = buckets.map(({ value }) => value);
    const isAscending = (values: readonly number[]) =>
      values.every((value, i) => i === 0 || value > (values[i - 1] ?? 0));
    if (!isAscending(bounds) || bounds.at(-1) !== Number.POSITIVE_INFINITY)
      throw new Error(`${name} ${series}: bounds`);
    if (counts.some((count, i) => count < (counts[i - 1] ?? 0))) throw new Error(`${name} ${series}: counts fall`);
    const one = (end: string) => of.filter((sample) => sample.name === name + end).map(({ value }) => value);
    if (one("_sum").length !== 1) throw new Error(`${name} ${series}: one sum`);
    if (one("_count").length !== 1 || one("_count")[0] !== counts.at(-1))
      throw new Error(`${name} ${series}: the count`);
  }
}
