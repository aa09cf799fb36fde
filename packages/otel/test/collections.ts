import type { Histogram, MetricData } from "@opentelemetry/sdk-metrics";
import type { Exemplar, Room, Snapshot } from "@pinchpoint/probe";
import type { LoopDelay, Reading } from "../src/collector.ts";
import { SnapshotProducer, type SnapshotProducerOptions } from "../src/producer.ts";
import type { ThreadReading } from "../src/thread-series.ts";

/** What a producer tells of one metric: value by attributes, the attributes written as `key=value`, sorted. */
export type Told<T = number> = Readonly<Record<string, T>>;

export class Source {
  snapshot: Snapshot;
  threads: readonly ThreadReading[] = [];
  loopDelay: LoopDelay | null = null;
  room: Room | undefined;
  exemplars: readonly Exemplar[] = [];
  readonly read: () => Reading;
  readonly options: Omit<SnapshotProducerOptions, "read">;
  readonly producer: SnapshotProducer;

  constructor(snapshot: Snapshot, options: Omit<SnapshotProducerOptions, "read"> = {}) {
    this.snapshot = snapshot;
    this.options = options;
    this.read = () => {
      const { snapshot, threads, loopDelay, room, exemplars } = this;
      return { snapshot, threads, loopDelay, exemplars, ...(room === undefined ? {} : { room }) };
    };
    this.producer = new SnapshotProducer({ ...options, read: this.read });
  }

  async metrics(): Promise<readonly MetricData[]> {
    const { resourceMetrics, errors } = await this.producer.collect();
    if (errors.length > 0) throw errors[0];
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  }

  async told(name: string): Promise<Told> {
    return told(await this.metrics(), name);
  }
}

export function told<T extends number | Histogram = number>(metrics: readonly MetricData[], name: string): Told<T> {
  const points = metrics
    .filter(({ descriptor }) => descriptor.name === name)
    .flatMap(({ dataPoints }) => [...dataPoints]);
  const entries = points.map(({ attributes, value }) => [labels(attributes), value as T] as const);
  if (new Set(entries.map(([label]) => label)).size !== entries.length) throw new Error(`${name} tells a series twice`);
  return Object.fromEntries(entries);
}

function labels(attributes: Readonly<Record<string, unknown>>): string {
  const short = (key: string) => key.replace(/^pinchpoint\./, "").replace(/\.name$/, "");
  return Object.entries(attributes)
    .map(([key, value]) => `${short(key)}=${value}`)
    .sort()
    .join(" ");
}
