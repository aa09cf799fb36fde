import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  DataPointType,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  MetricReader,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { SnapshotProducer, type SnapshotProducerOptions } from "../src/producer.ts";
import type { Temporality } from "../src/temporality.ts";
import { Source, told } from "./collections.ts";
import { durations, snapshot, stageRow } from "./snapshots.ts";

const STAGE = "pipeline=flights stage=score";
const ORIGIN_MS = 1_700_000_000_000;

const providers: MeterProvider[] = [];
afterEach(async () => {
  await Promise.all(providers.splice(0).map((provider) => provider.shutdown()));
});

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

function attached<R extends MetricReader>(...readers: readonly R[]): readonly R[] {
  providers.push(new MeterProvider({ readers: [...readers], resource: resourceFromAttributes({}) }));
  return readers;
}

async function metricsOf(reader: MetricReader): Promise<readonly MetricData[]> {
  const { resourceMetrics } = await reader.collect();
  return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
}

function reached(arrived: number, atMs: number, ...seconds: readonly number[]) {
  return snapshot({ atMs, stageRows: [stageRow({ arrived, duration: durations(...seconds) })] });
}

test("two readers that collect at their own pace are each told everything from the start", async () => {
  const source = new Source(reached(3, 1000, 1));
  const [often, seldom] = attached(
    new Reader({ metricProducers: [source.producer] }),
    new Reader({ metricProducers: [source.producer] }),
  );
  for (const arrived of [3, 4, 9]) {
    source.snapshot = reached(arrived, 1000 + arrived, 1, 2);
    expect(told(await metricsOf(often as Reader), "pinchpoint.stage.arrived")).toEqual({ [STAGE]: arrived });
  }
  const metrics = await metricsOf(seldom as Reader);
  expect(told(metrics, "pinchpoint.stage.arrived")).toEqual({ [STAGE]: 9 });
  expect(told(metrics, "pinchpoint.stage.duration")).toMatchObject({ [STAGE]: { count: 2, sum: 3 } });
});

test("what one reader was given does not change when another one collects", async () => {
  const source = new Source(reached(3, 1000, 1));
  const before = await source.metrics();
  const kept = structuredClone(before);
  source.snapshot = reached(8, 2000, 1, 1, 4);
  await source.metrics();
  expect(before).toEqual(kept);
});

test("a reader whose reading throws is told so, and one beside it notices nothing", async () => {
  const source = new Source(reached(3, 1000));
  const broken = new SnapshotProducer({
    read: () => {
      throw new Error("no slab");
    },
  });
  const [bad, good] = attached(
    new Reader({ metricProducers: [broken] }),
    new Reader({ metricProducers: [source.producer] }),
  );
  const [failed, metrics] = await Promise.all([bad?.collect(), metricsOf(good as Reader)]);
  expect(failed?.errors).toEqual([new Error("no slab")]);
  expect(told(metrics, "pinchpoint.stage.arrived")).toEqual({ [STAGE]: 3 });
});

test("an exporter that hangs keeps nobody else from exporting", async () => {
  vi.useFakeTimers();
  const source = new Source(reached(3, 1000));
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  let hung = 0;
  const hanging = {
    export: () => {
      hung += 1;
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const readers = [hanging, exporter].map(
    (to) =>
      new PeriodicExportingMetricReader({
        exporter: to as InMemoryMetricExporter,
        exportIntervalMillis: 1000,
        exportTimeoutMillis: 1000,
        metricProducers: [source.producer],
      }),
  );
  attached(...readers);
  for (const arrived of [4, 5, 6]) {
    source.snapshot = reached(arrived, arrived);
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(hung).toBeGreaterThan(0);
  const exported = exporter.getMetrics().map(({ scopeMetrics }) =>
    told(
      scopeMetrics.flatMap(({ metrics }) => metrics),
      "pinchpoint.stage.arrived",
    ),
  );
  expect(exported).toEqual([{ [STAGE]: 4 }, { [STAGE]: 5 }, { [STAGE]: 6 }]);
  const ended = Promise.all(providers.splice(0).map((provider) => provider.shutdown()));
  await vi.advanceTimersByTimeAsync(5000);
  await ended;
  vi.useRealTimers();
});

function differing(options: Partial<SnapshotProducerOptions> = {}): Source {
  return new Source(reached(0, 0), { temporality: "delta", clockOriginMs: ORIGIN_MS, ...options });
}

function pointOf(metrics: readonly MetricData[], name: string) {
  const metric = metrics.find(({ descriptor }) => descriptor.name === name);
  const point = metric?.dataPoints[0];
  const ms = ([seconds, nanos]: readonly [number, number]) => seconds * 1000 + nanos / 1e6 - ORIGIN_MS;
  if (metric === undefined || point === undefined) return null;
  return {
    temporality: metric.aggregationTemporality,
    value: point.value,
    fromMs: ms(point.startTime),
    toMs: ms(point.endTime),
  };
}

test("a reader of differences is told what is new, each time from where the last one ended", async () => {
  const source = differing();
  const seen = [];
  for (const next of [reached(3, 1000, 1), reached(10, 2500, 1, 4, 4), reached(10, 4000, 1, 4, 4)]) {
    source.snapshot = next;
    const metrics = await source.metrics();
    const { [STAGE]: histogram } = told<Histogram>(metrics, "pinchpoint.stage.duration");
    const { count, sum, buckets } = histogram as Histogram;
    expect(count).toBe(buckets.counts.reduce((total, one) => total + one, 0));
    seen.push({ ...pointOf(metrics, "pinchpoint.stage.arrived"), count, sum });
  }
  const temporality = AggregationTemporality.DELTA;
  expect(seen).toEqual([
    { temporality, value: 3, fromMs: 0, toMs: 1000, count: 1, sum: 1 },
    { temporality, value: 7, fromMs: 1000, toMs: 2500, count: 2, sum: 8 },
    { temporality, value: 0, fromMs: 2500, toMs: 4000, count: 0, sum: 0 },
  ]);
});

test("exponential histograms are told as differences too, in the buckets that have something new", async () => {
  const source = differing({ histograms: "exponential" });
  source.snapshot = reached(1, 1000, 1);
  await source.metrics();
  source.snapshot = reached(2, 2000, 1, 4);
  const { value } = pointOf(await source.metrics(), "pinchpoint.stage.duration") ?? {};
  expect(value).toMatchObject({ count: 1, sum: 4, scale: 3, positive: { offset: 15, bucketCounts: [1] } });
});

test("what was not told for a while goes on where it ended", async () => {
  const source = differing();
  source.snapshot = reached(3, 1000);
  await source.metrics();
  source.snapshot = { ...reached(0, 2000), stageRows: [] };
  expect(pointOf(await source.metrics(), "pinchpoint.stage.arrived")).toBe(null);
  source.snapshot = reached(5, 3000);
  expect(pointOf(await source.metrics(), "pinchpoint.stage.arrived")).toMatchObject({
    value: 2,
    fromMs: 1000,
    toMs: 3000,
  });
});

test("a collection that failed loses nothing: the next one tells what was new since the one before", async () => {
  const source = differing();
  source.snapshot = reached(3, 1000);
  await source.metrics();
  source.snapshot = null as never;
  await expect(source.metrics()).rejects.toThrow();
  source.snapshot = reached(8, 3000);
  expect(pointOf(await source.metrics(), "pinchpoint.stage.arrived")).toMatchObject({ value: 5, fromMs: 1000 });
});

test("differences are never negative, and add up to what is told from the start", async () => {
  const counts = fc.array(fc.option(fc.nat(50)), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(counts, async (arrivals) => {
      const source = differing();
      const whole = new Source(reached(0, 0));
      let sum = 0;
      let cumulative = 0;
      for (const [at, arrived] of arrivals.entries()) {
        // A row that cannot be read for once is null; one that falls is a recorder that was wrong.
        const rows = arrived === null ? [] : [stageRow({ arrived, duration: durations(...Array(arrived).fill(1)) })];
        const next = snapshot({ atMs: at + 1, stageRows: rows });
        source.snapshot = next;
        whole.snapshot = next;
        const metrics = await source.metrics();
        const difference = (told(metrics, "pinchpoint.stage.arrived")[STAGE] ?? 0) as number;
        expect(difference).toBeGreaterThanOrEqual(0);
        const kept = told<Histogram>(metrics, "pinchpoint.stage.duration")[STAGE];
        expect(Math.min(0, ...(kept?.buckets.counts ?? []))).toBe(0);
        sum += difference;
        cumulative = (await whole.told("pinchpoint.stage.arrived"))[STAGE] ?? cumulative;
        expect(sum).toBe(cumulative);
      }
    }),
    { seed: 5, numRuns: 60 },
  );
});

const { SUM, HISTOGRAM, GAUGE } = DataPointType;

test.for<[Temporality, readonly DataPointType[]]>([
  ["cumulative", []],
  ["delta", [SUM, HISTOGRAM]],
  ["lowmemory", [HISTOGRAM]],
])("as %s these types are differences: %j; gauges are what they are", async ([temporality, types]) => {
  const source = differing({ temporality });
  source.snapshot = snapshot({ stageRows: [stageRow({ stateWorkers: [2, 0, 0, 0, 0, 0], duration: durations(1) })] });
  for (let round = 0; round < 2; round++) {
    const metrics = await source.metrics();
    const found = metrics.filter(
      ({ aggregationTemporality }) => aggregationTemporality === AggregationTemporality.DELTA,
    );
    expect(new Set(found.map(({ dataPointType }) => dataPointType))).toEqual(new Set(types));
    expect(metrics.some(({ dataPointType }) => dataPointType === GAUGE)).toBe(true);
    expect(told(metrics, "pinchpoint.stage.workers")).toEqual({ [STAGE]: 2 });
  }
});

test("a temporality that is none is refused", () => {
  expect(() => differing({ temporality: "sometimes" as never })).toThrow(
    "temporality must be cumulative, delta, lowmemory; got sometimes",
  );
});
