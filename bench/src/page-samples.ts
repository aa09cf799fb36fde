import type { Kept } from "./experiment.ts";

/** What a page holds. */
export interface Samples {
  readonly all: number;
  readonly buckets: number;
  readonly histograms: number;
  /** Durations that were recorded, of all histograms. */
  readonly durations: number;
}

export function samplesOf(page: string, name: string): Samples {
  let [all, buckets, histograms, durations] = [0, 0, 0, 0];
  for (const line of page.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    all += 1;
    if (line.startsWith(`${name}_bucket{`)) buckets += 1;
    if (!line.startsWith(`${name}_count{`)) continue;
    histograms += 1;
    durations += Number(line.slice(line.lastIndexOf(" ") + 1));
  }
  return { all, buckets, histograms, durations };
}

/** @param bounds - how many each histogram has; there is a bucket more */
export function keptOf(
  { histograms, buckets, durations }: Samples,
  stages: number,
  bounds: number,
  times: number,
): Kept[] {
  return [
    { what: "histograms", done: stages, recorded: histograms },
    { what: "buckets", done: stages * (bounds + 1), recorded: buckets },
    { what: "durations", done: stages * times, recorded: durations },
  ];
}
