import { createRequire } from "node:module";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  DataPointType,
  type Histogram,
  MeterProvider,
  type MetricData,
  MetricReader,
} from "@opentelemetry/sdk-metrics";
import { METRICS } from "@pinchpoint/probe";
import { expect, test } from "vitest";
import { SnapshotProducer } from "../src/producer.ts";
import { Source, told } from "./collections.ts";
import { durations, snapshot, stage, stageRow, thread, threadReading } from "./snapshots.ts";

const STAGE = "pipeline=flights stage=score";

const TYPES = {
  counter: DataPointType.SUM,
  gauge: DataPointType.GAUGE,
  histogram: DataPointType.HISTOGRAM,
} as const;

test("each metric has the name, unit, description and type of the catalogue, and is cumulative", async () => {
  const source = new Source(snapshot());
  source.threads = [threadReading({ cpuSeconds: 1, runQueueSeconds: 0, loopActiveSeconds: 1, loopIdleSeconds: 1 })];
  const metrics = await source.metrics();
  expect(metrics.length).toBeGreaterThan(10);
  for (const metric of metrics) {
    const described = Object.values(METRICS).find(({ name }) => name === metric.descriptor.name);
    expect(metric.descriptor).toMatchObject({ unit: described?.unit, description: described?.description });
    expect(metric.dataPointType).toBe(TYPES[described?.type ?? "gauge"]);
    expect(metric.aggregationTemporality).toBe(AggregationTemporality.CUMULATIVE);
    expect((metric as { isMonotonic?: boolean }).isMonotonic).toBe(described?.type === "counter" ? true : undefined);
  }
});

test("the scope is pinchpoint, and the resource is the one that was given", async () => {
  const { producer } = new Source(snapshot(), { resourceAttributes: { "service.name": "features" } });
  const { version } = createRequire(import.meta.url)("../package.json");
  const { resourceMetrics } = await producer.collect();
  expect(resourceMetrics.scopeMetrics.map(({ scope }) => scope)).toEqual([{ name: "pinchpoint", version }]);
  expect(resourceMetrics.resource.attributes).toEqual({ "service.name": "features" });
});

test("points count from the start of the recorder's clock to the moment of the snapshot", async () => {
  const source = new Source(snapshot({ atMs: 1500.25 }), { clockOriginMs: 1_700_000_000_250.5 });
  for (const { dataPoints } of await source.metrics()) {
    for (const { startTime, endTime } of dataPoints) {
      expect(startTime).toEqual([1_700_000_000, 250_500_000]);
      expect(endTime).toEqual([1_700_000_001, 750_750_000]);
    }
  }
});

test("values change with the snapshot", async () => {
  const source = new Source(snapshot({ stageRows: [stageRow({ arrived: 3, duration: durations(1) })] }));
  expect(await source.told("pinchpoint.stage.arrived")).toEqual({ [STAGE]: 3 });
  source.snapshot = snapshot({ stageRows: [stageRow({ arrived: 5, duration: durations(1, 1, 4) })] });
  const metrics = await source.metrics();
  expect(told(metrics, "pinchpoint.stage.arrived")).toEqual({ [STAGE]: 5 });
  expect(told(metrics, "pinchpoint.stage.duration")).toMatchObject({ [STAGE]: { count: 3, sum: 6 } });
});

test("a row that could not be read for once does not make a counter fall", async () => {
  const threads = [thread(), thread({ id: 1, role: "worker" })];
  const rows = [
    stageRow({ arrived: 3, duration: durations(1) }),
    stageRow({ thread: 1, arrived: 4, duration: durations(2, 2) }),
  ];
  const source = new Source(snapshot({ threads, stageRows: rows }));
  const before = await source.metrics();
  source.snapshot = snapshot({ threads, stageRows: rows.slice(0, 1) });
  const after = await source.metrics();
  for (const name of ["pinchpoint.stage.arrived", "pinchpoint.stage.duration"]) {
    expect(told(after, name)).toEqual(told(before, name));
  }
});

test("two readers that collect at once are told the same", async () => {
  const stageRows = [stageRow({ arrived: 3, duration: durations(1, 2) })];
  const source = new Source(snapshot({ stageRows }), { nowMs: () => 0 });
  source.threads = [threadReading({ cpuSeconds: 2, runQueueSeconds: 1, loopActiveSeconds: 1, loopIdleSeconds: 1 })];
  await source.metrics();
  const [one, other] = (await Promise.all([source.metrics(), source.metrics()])).map(besidesCollecting);
  expect(one?.length).toBeGreaterThan(10);
  expect(other).toEqual(one);
});

/** How often it was collected differs from one collection to the next. */
function besidesCollecting(metrics: readonly MetricData[]): readonly MetricData[] {
  return metrics.filter(({ descriptor }) => descriptor.name !== "pinchpoint.collect.duration");
}

test("how long collecting took is told from the next collection on, with reading and failing", async () => {
  const times = [0, 3, 10, 11, 100, 700, 0, 0];
  const source = new Source(snapshot(), { nowMs: () => times.shift() ?? Number.NaN });
  const name = "pinchpoint.collect.duration";
  expect(await source.told(name)).toEqual({});
  source.snapshot = null as never;
  await expect(source.metrics()).rejects.toThrow();
  source.snapshot = snapshot();
  expect(told<Histogram>(await source.metrics(), name)).toMatchObject({ "": { count: 2, sum: 0.004 } });
  const { buckets, ...whole } = told<Histogram>(await source.metrics(), name)[""] as Histogram;
  expect(whole).toEqual({ count: 3, sum: 0.604 });
  const above = (seconds: number) => buckets.boundaries.findIndex((bound) => seconds <= bound);
  expect(buckets.counts.flatMap((count, at) => (count > 0 ? [at] : []))).toEqual([0.001, 0.003, 0.6].map(above));
});

test("how much room there is is told where somebody knows", async () => {
  const source = new Source(snapshot());
  const names = ["rows.in_use", "rows.limit", "threads.in_use", "threads.limit"].map((name) => `pinchpoint.${name}`);
  const roomOf = (metrics: readonly MetricData[]) => names.map((name) => told(metrics, name)[""]);
  expect(roomOf(await source.metrics())).toEqual(names.map(() => undefined));
  source.room = { rowsInUse: 5, rowLimit: 64, threadsInUse: 2, threadLimit: 16 };
  expect(roomOf(await source.metrics())).toEqual([5, 64, 2, 16]);
});

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

test("a reader of somebody else's SDK is told the same, under the SDK's own resource", async () => {
  const source = new Source(snapshot({ stageRows: [stageRow({ arrived: 3, duration: durations(1) })] }));
  const reader = new Reader({ metricProducers: [source.producer] });
  const provider = new MeterProvider({
    readers: [reader],
    resource: resourceFromAttributes({ "service.name": "theirs" }),
  });
  const { resourceMetrics, errors } = await reader.collect();
  expect(errors).toEqual([]);
  expect(resourceMetrics.resource.attributes).toEqual({ "service.name": "theirs" });
  const told = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  expect(told.length).toBeGreaterThan(8);
  expect(told).toEqual(besidesCollecting(await source.metrics()));
  await provider.shutdown();
});

test("losses are told by reason, our own from the start", async () => {
  const source = new Source(snapshot({ losses: { clock: 2, "torn-read": 1 } }));
  expect(await source.told("pinchpoint.dropped")).toEqual({
    "reason=clock": 2,
    "reason=torn-read": 1,
    "reason=series-limit": 0,
    "reason=not-finite": 0,
  });
});

test("series beyond the limit go to the overflow series of each metric, and are counted", async () => {
  const ids = Array.from({ length: 50 }, (_, id) => id);
  const source = new Source(
    snapshot({
      stages: ids.map((id) => stage({ id, name: `s${id}` })),
      stageRows: ids.map((id) => stageRow({ stage: id, arrived: 1, duration: durations(1) })),
    }),
    { maxSeries: 10 },
  );
  const metrics = await source.metrics();
  for (const { dataPoints } of metrics) expect(dataPoints.length).toBeLessThanOrEqual(10);
  const arrived = told(metrics, "pinchpoint.stage.arrived");
  expect(arrived).toMatchObject({ "pipeline=flights stage=s0": 1, "otel.metric.overflow=true": 41 });
  expect(told(metrics, "pinchpoint.stage.duration")).toMatchObject({ "otel.metric.overflow=true": { count: 41 } });
  expect(told(metrics, "pinchpoint.dropped")["reason=series-limit"]).toBeGreaterThanOrEqual(41);
});

test("what is not a number is left out and counted, and nothing else is NaN", async () => {
  const row = stageRow({ arrived: Number.NaN, stateSeconds: [Number.POSITIVE_INFINITY, 1, 0, 0, 0, 0] });
  const duration = { ...durations(1), sumSeconds: Number.NaN };
  const source = new Source(snapshot({ stageRows: [{ ...row, duration }] }));
  const metrics = await source.metrics();
  expect(told(metrics, "pinchpoint.stage.arrived")).toEqual({});
  expect(told(metrics, "pinchpoint.stage.duration")).toEqual({});
  expect(told(metrics, "pinchpoint.stage.state.time")).toMatchObject({ [`${STAGE} state=self`]: 1 });
  expect(told(metrics, "pinchpoint.dropped")).toMatchObject({ "reason=not-finite": 3 });
  for (const value of metrics.flatMap(numbers)) expect(value).toBeGreaterThanOrEqual(0);
});

test("a snapshot that fails is the collection's error, and the next one is told again", async () => {
  let isBroken = true;
  const failure = new Error("no slab");
  const producer = new SnapshotProducer({
    read: () => {
      if (isBroken) throw failure;
      return { snapshot: snapshot(), threads: [] };
    },
  });
  const failed = await producer.collect();
  expect(failed.errors).toEqual([failure]);
  expect(failed.resourceMetrics.scopeMetrics).toEqual([]);
  isBroken = false;
  const { errors, resourceMetrics } = await producer.collect();
  expect(errors).toEqual([]);
  expect(resourceMetrics.scopeMetrics).toHaveLength(1);
});

test("limits and bounds that make no sense are refused", () => {
  const read = () => ({ snapshot: snapshot(), threads: [] });
  for (const maxSeries of [0, 1, 2.5, Number.NaN]) {
    expect(() => new SnapshotProducer({ read, maxSeries })).toThrow(
      `maxSeries must be an integer >= 2, got ${maxSeries}`,
    );
  }
  for (const boundsSeconds of [[1, 1], [2, 1], [0, 1], [Number.NaN], [1, Number.POSITIVE_INFINITY]]) {
    expect(() => new SnapshotProducer({ read, boundsSeconds })).toThrow(
      "boundsSeconds must be finite, > 0 and ascending",
    );
  }
});

function numbers({ dataPoints }: MetricData): number[] {
  return dataPoints.flatMap(({ value }) =>
    typeof value === "number" || !("buckets" in value)
      ? [value as number]
      : [value.count, value.sum ?? 0, ...value.buckets.counts],
  );
}
