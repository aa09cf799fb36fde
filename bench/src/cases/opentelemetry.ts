import { loadPeer } from "../peers.ts";

type Attributes = Readonly<Record<string, string>>;

/** The attributes that a stage of ours is bound to. */
export const TWO_ATTRIBUTES: Attributes = { "pipeline.name": "bench", "stage.name": "work" };

export interface Meter {
  createHistogram(name: string, options?: object): { record(value: number, attributes: Attributes): void };
  createCounter(name: string, options?: object): { add(value: number, attributes: Attributes): void };
}

export interface Collected {
  readonly resourceMetrics: {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly descriptor: { readonly name: string };
        readonly dataPoints: readonly { readonly value: number | { readonly count: number } }[];
      }[];
    }[];
  };
}

/** What is used of the SDK. */
interface SdkMetrics {
  readonly MeterProvider: new (options: object) => { getMeter(name: string): Meter };
  readonly MetricReader: new () => { collect(): Promise<Collected> };
}

export interface OpenTelemetry {
  readonly meter: Meter;
  collect(): Promise<Collected>;
}

/** The SDK with a reader, which is asked by hand. */
export async function openTelemetry(options: object = {}): Promise<OpenTelemetry> {
  const { MeterProvider, MetricReader } = await loadPeer<SdkMetrics>("@opentelemetry/sdk-metrics");
  class HandReader extends MetricReader {
    protected async onForceFlush(): Promise<void> {}
    protected async onShutdown(): Promise<void> {}
  }
  const reader = new HandReader();
  const meter = new MeterProvider({ ...options, readers: [reader] }).getMeter("bench");
  return { meter, collect: () => reader.collect() };
}

/** What all data points of a metric come to: the counts of histograms, the values of counters. */
export function sumOf({ resourceMetrics }: Collected, metric: string): number {
  return resourceMetrics.scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .filter(({ descriptor }) => descriptor.name === metric)
    .flatMap(({ dataPoints }) => dataPoints)
    .reduce((sum, { value }) => sum + (typeof value === "number" ? value : value.count), 0);
}
