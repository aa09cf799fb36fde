import type { Reading, SnapshotProducer } from "@pinchpoint/otel";
import { Recorder } from "@pinchpoint/probe";
import { afterEach, expect, test } from "vitest";
import { metricProducer } from "../src/metric-producer.ts";
import { currentSession, setSession } from "../src/session.ts";

afterEach(() => {
  Reflect.deleteProperty(globalThis, Symbol.for("pinchpoint.recorder/v1"));
});

const EXPONENTIAL = 1;
const EXPLICIT = 0;

/** A session of a thread that has recorded so many hand-overs; how many readers were made of it. */
function begin(units: number, isWorker = false): { readonly readers: () => number } {
  const clock = { nowMs: () => 5, idleMs: () => 0 };
  const recorder = Recorder.forProcess(clock, { name: "main", osThreadId: null, workerId: 0 });
  const stage = recorder.openStage({ pipeline: "app", name: "score", role: "stage" });
  for (let unit = 0; unit < units; unit++) stage?.finished(1, 2);
  let readers = 0;
  const newReader = () => {
    readers += 1;
    return (): Reading => ({ snapshot: recorder.snapshot(), threads: [] });
  };
  setSession({ recorder, pipeline: "app", wake: () => {}, newReader: isWorker ? null : newReader });
  return { readers: () => readers };
}

async function told(producer: SnapshotProducer): Promise<{ readonly count: number; readonly type: number } | null> {
  const { resourceMetrics, errors } = await producer.collect();
  expect(errors).toEqual([]);
  const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  const metric = metrics.find(({ descriptor }) => descriptor.name === "pinchpoint.stage.duration");
  if (metric === undefined) return null;
  const { count } = metric.dataPoints.map(({ value }) => value as { count: number })[0] ?? { count: 0 };
  return { count, type: metric.dataPointType };
}

test("a producer that was made before anything records tells nothing, and then what is recorded", async () => {
  const producer = metricProducer();
  expect(currentSession()).toBeNull();
  expect(await told(producer)).toBeNull();
  const { readers } = begin(3);
  expect(await told(producer)).toEqual({ count: 3, type: EXPONENTIAL });
  expect(await told(producer)).toEqual({ count: 3, type: EXPONENTIAL });
  expect(readers()).toBe(1);
});

test("durations are told as readers want them that know no exponential ones", async () => {
  begin(2);
  expect(await told(metricProducer({ histograms: "explicit" }))).toEqual({ count: 2, type: EXPLICIT });
});

test("in a worker thread, whose main thread tells all, there is nothing to tell", async () => {
  begin(3, true);
  expect(await told(metricProducer())).toBeNull();
});
