// A page that Prometheus scrapes, of stages that each have a histogram with equal buckets: collected and rendered, after each
// histogram has changed. Ours holds what else is told of a stage, too; theirs the histograms alone.
import { DURATION_BOUNDS_SECONDS, MetricsPage } from "@pinchpoint/otel";
import { Recorder, type StageRecorder, systemClock } from "@pinchpoint/probe";
import { cpuNanoseconds } from "../cost.ts";
import type { Experiment, Measured, Program } from "../experiment.ts";
import { keptOf, samplesOf } from "../page-samples.ts";
import { loadPeer } from "../peers.ts";
import { DURATION_MASK, durationsMs } from "./durations.ts";
import { openTelemetry } from "./opentelemetry.ts";
import { EVERY, ownRecorder } from "./own-recorder.ts";
import { promClient } from "./prom-client.ts";

/** As many as a thread has room for, roundly. */
const STAGES_OF_THREAD = 2000;
/** Pages that nobody counts, after the first, and those of which the median counts. */
const WARM_UP = 2;
const PAGES = 5;

const OURS = "our page";
const SDK = "OpenTelemetry's histograms, exporter-prometheus";
const PROM_CLIENT = "prom-client";
const firstOf = (name: string) => `${name}, first page`;
const sampleOf = (name: string) => `${name}, a sample`;
const samplesIn = (name: string) => `${name}, samples`;

const durations: Float64Array = durationsMs();

export const experiments: readonly Experiment[] = [experiment(1000), experiment(10_000)];

function experiment(stages: number): Experiment {
  const program = (name: string, make: (stages: number) => Histograms | Promise<Histograms>): Program => ({
    name,
    measure: async () => measured(name, stages, await make(stages)),
  });
  const of = stages.toLocaleString("en-US");
  const bounds = DURATION_BOUNDS_SECONDS.length;
  return {
    name: `${of} stages`,
    rounds: 5,
    programs: [program(OURS, ours), program(SDK, byOpenTelemetry), program(PROM_CLIENT, byPromClient)],
    claims: [
      {
        name: `a page of ${of} stages with all their metrics, against one of ${of} histograms alone, ${bounds + 1} buckets each`,
        unit: "ms",
        ours: OURS,
        peers: [SDK, PROM_CLIENT],
        target: { against: SDK, atMost: 0.2 },
      },
      {
        name: `the samples that these pages of ${of} stages hold`,
        unit: "samples",
        ours: samplesIn(OURS),
        peers: [SDK, PROM_CLIENT].map(samplesIn),
      },
      {
        name: `one sample of the page of ${of} stages`,
        unit: "ns",
        ours: sampleOf(OURS),
        peers: [SDK, PROM_CLIENT].map(sampleOf),
      },
      {
        name: `the first page of ${of} stages, by which labels are rendered for the first time`,
        unit: "ms",
        ours: firstOf(OURS),
        peers: [SDK, PROM_CLIENT].map(firstOf),
      },
    ],
  };
}

/** Histograms of so many stages, whoever keeps them. */
interface Histograms {
  /** What their samples are called, without `_bucket` and the like. */
  readonly name: string;
  /** One more duration into each. */
  readonly recordAll: (durationMs: number) => void;
  readonly render: () => string | Buffer | Promise<string | Buffer>;
}

async function measured(
  name: string,
  stages: number,
  { name: samples, recordAll, render }: Histograms,
): Promise<Measured> {
  const pagesMs: number[] = [];
  let last = "";
  for (let page = 0; page <= WARM_UP + PAGES; page++) {
    recordAll(durations[page & DURATION_MASK] as number);
    const before = cpuNanoseconds();
    const rendered = await render();
    pagesMs.push((cpuNanoseconds() - before) / 1e6);
    last = rendered.toString();
  }
  const [first, ...later] = pagesMs as [number, ...number[]];
  const pageMs = later.slice(WARM_UP).toSorted((a, b) => a - b)[Math.floor(PAGES / 2)] as number;
  const found = samplesOf(last, samples);
  return {
    values: {
      [name]: pageMs,
      [samplesIn(name)]: found.all,
      [sampleOf(name)]: (1e6 * pageMs) / found.all,
      [firstOf(name)]: first,
    },
    kept: keptOf(found, stages, DURATION_BOUNDS_SECONDS.length, pagesMs.length),
  };
}

function stageName(nth: number): string {
  return `transform@stage-${nth}.ts:${nth}`;
}

/** One thread has no room for so many stages: there are as many recorders as that takes, all in this thread. */
function ours(stages: number): Histograms {
  const recorder = ownRecorder(EVERY);
  const rows = Array.from({ length: stages / Math.min(stages, STAGES_OF_THREAD) }, (_, thread) => {
    const identity = { name: `worker ${thread}`, osThreadId: null, workerId: thread + 1 };
    const worker = Recorder.forWorker(recorder.share, systemClock(), identity, { timedPerSecond: EVERY });
    const first = thread * STAGES_OF_THREAD;
    return Array.from({ length: Math.min(stages, STAGES_OF_THREAD) }, (_, at) => {
      return worker?.openStage({ pipeline: "bench", name: stageName(first + at), role: "stage" }) as StageRecorder;
    });
  }).flat();
  const read = () => ({ snapshot: recorder.snapshot(), threads: [], room: recorder.room() });
  // A stage has up to six series of one metric.
  const page = new MetricsPage(read, { maxSeries: 10 * stages });
  return {
    name: "pinchpoint_stage_duration_seconds",
    recordAll: (durationMs) => {
      for (const stage of rows) {
        stage.arrived(1);
        stage.finished(1, durationMs);
      }
    },
    render: () => page.render("prometheus"),
  };
}

interface Exporter {
  readonly PrometheusSerializer: new () => { serialize(metrics: unknown): string };
}

async function byOpenTelemetry(stages: number): Promise<Histograms> {
  const { PrometheusSerializer } = await loadPeer<Exporter>("@opentelemetry/exporter-prometheus");
  // Without it there are 2,000 series, and one for the rest.
  const views = [{ instrumentName: "*", aggregationCardinalityLimit: 2 * stages }];
  const { meter, collect } = await openTelemetry({ views });
  const histogram = meter.createHistogram("stage.duration", {
    unit: "s",
    advice: { explicitBucketBoundaries: DURATION_BOUNDS_SECONDS },
  });
  const attributes = Array.from({ length: stages }, (_, nth) => ({
    "pinchpoint.pipeline.name": "bench",
    "pinchpoint.stage.name": stageName(nth),
  }));
  const serializer = new PrometheusSerializer();
  return {
    name: "stage_duration",
    recordAll: (durationMs) => {
      for (const one of attributes) histogram.record(durationMs / 1000, one);
    },
    render: async () => serializer.serialize((await collect()).resourceMetrics),
  };
}

async function byPromClient(stages: number): Promise<Histograms> {
  const { Histogram, register } = await promClient();
  const labelled = new Histogram({
    name: "stage_duration",
    help: "of a stage",
    labelNames: ["pinchpoint_pipeline_name", "pinchpoint_stage_name"],
    buckets: DURATION_BOUNDS_SECONDS,
  });
  const bound = Array.from({ length: stages }, (_, nth) => labelled.labels("bench", stageName(nth)));
  return {
    name: "stage_duration",
    recordAll: (durationMs) => {
      for (const one of bound) one.observe(durationMs / 1000);
    },
    render: () => register.metrics(),
  };
}
