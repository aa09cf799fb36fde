import { loadPeer } from "../peers.ts";

interface Bound {
  observe(value: number): void;
  inc(by: number): void;
}

interface Labelled {
  labels(...values: readonly string[]): Bound;
}

interface Configuration {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly buckets?: readonly number[];
}

/** What is used of prom-client. */
export interface PromClient {
  readonly Histogram: new (configuration: Configuration) => Labelled;
  readonly Counter: new (configuration: Configuration) => Labelled;
  readonly register: { metrics(): Promise<string> };
}

export function promClient(): Promise<PromClient> {
  return loadPeer<PromClient>("prom-client");
}

/** The sum of all samples of a name on a page in Prometheus' text form. */
export function sampleSum(page: string, name: string): number {
  return page
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}
