// A duration is recorded: into a row that was bound when the stage opened, and into what others offer.
import { createHistogram } from "node:perf_hooks";
import { costOf } from "../cost.ts";
import type { Experiment, Measured } from "../experiment.ts";
import { loadPeer } from "../peers.ts";
import { DURATION_MASK, durationsMs } from "./durations.ts";
import { HandWrittenHistogram } from "./hand-written-histogram.ts";
import { openTelemetry, sumOf, TWO_ATTRIBUTES } from "./opentelemetry.ts";
import { EVERY, ownRecorder, rowOf, timedUnits } from "./own-recorder.ts";
import { promClient, sampleSum } from "./prom-client.ts";

const OURS = "a bound histogram";
const HAND_WRITTEN = "hand-written";
const OPENTELEMETRY = "OpenTelemetry, 2 attributes";
const PROM_CLIENT = "prom-client, bound";
const SKETCHES = "@datadog/sketches-js";
const HDR = "hdr-histogram-js";
const PERF_HOOKS = "node:perf_hooks";

const durations: Float64Array = durationsMs();
/** Whole numbers above 0, for histograms that take nothing else. */
const microseconds: Float64Array = durations.map((durationMs) => Math.max(1, Math.round(1000 * durationMs)));

export const experiments: readonly Experiment[] = [
  {
    name: "histogram",
    rounds: 7,
    programs: [
      { name: OURS, measure: ours },
      { name: HAND_WRITTEN, measure: handWritten },
      { name: OPENTELEMETRY, measure: byOpenTelemetry },
      { name: PROM_CLIENT, measure: byPromClient },
      { name: SKETCHES, measure: bySketches },
      { name: HDR, measure: byHdr },
      { name: PERF_HOOKS, measure: byPerfHooks },
    ],
    claims: [
      {
        name: "a duration into a bound histogram, against OpenTelemetry",
        unit: "ns",
        ours: OURS,
        peers: [OPENTELEMETRY, SKETCHES, HDR, PERF_HOOKS],
        target: { against: OPENTELEMETRY, atLeast: 20, wanted: 30 },
        isGate: true,
      },
      {
        name: "a duration into a bound histogram, against prom-client",
        unit: "ns",
        ours: OURS,
        peers: [PROM_CLIENT],
        target: { against: PROM_CLIENT, atLeast: 8, wanted: 12 },
        isGate: true,
      },
      {
        name: "a duration into a bound histogram, against one written for it by hand",
        unit: "ns",
        ours: OURS,
        peers: [HAND_WRITTEN],
        target: { against: HAND_WRITTEN, atMost: 2 },
      },
    ],
  },
];

async function ours(): Promise<Measured> {
  const recorder = ownRecorder(EVERY);
  const stage = recorder.openStage({ pipeline: "bench", name: "work", role: "stage" });
  if (stage === null) throw new Error("there was no room for one stage");
  const histogram = stage.durations;
  const record = (count: number) => {
    for (let i = 0; i < count; i++) histogram.record(durations[i & DURATION_MASK] as number);
  };
  return measured(OURS, record, () => timedUnits(rowOf(recorder, "work")));
}

function handWritten(): Promise<Measured> {
  const histogram = new HandWrittenHistogram();
  const record = (count: number) => {
    for (let i = 0; i < count; i++) histogram.record(durations[i & DURATION_MASK] as number);
  };
  return measured(HAND_WRITTEN, record, () => histogram.count);
}

async function byOpenTelemetry(): Promise<Measured> {
  const { meter, collect } = await openTelemetry();
  const histogram = meter.createHistogram("duration", { unit: "s" });
  const record = (count: number) => {
    for (let i = 0; i < count; i++) histogram.record(durations[i & DURATION_MASK] as number, TWO_ATTRIBUTES);
  };
  return measured(OPENTELEMETRY, record, async () => sumOf(await collect(), "duration"));
}

async function byPromClient(): Promise<Measured> {
  const { Histogram, register } = await promClient();
  const labelled = new Histogram({ name: "duration", help: "of a stage", labelNames: ["pipeline", "stage"] });
  const bound = labelled.labels("bench", "work");
  const record = (count: number) => {
    for (let i = 0; i < count; i++) bound.observe(durations[i & DURATION_MASK] as number);
  };
  return measured(PROM_CLIENT, record, async () => sampleSum(await register.metrics(), "duration_count"));
}

interface Sketches {
  readonly DDSketch: new (options: {
    readonly relativeAccuracy: number;
  }) => { readonly count: number; accept(value: number): void };
}

async function bySketches(): Promise<Measured> {
  const { DDSketch } = await loadPeer<Sketches>(SKETCHES);
  // The error that our buckets have.
  const sketch = new DDSketch({ relativeAccuracy: 0.044 });
  const record = (count: number) => {
    for (let i = 0; i < count; i++) sketch.accept(durations[i & DURATION_MASK] as number);
  };
  return measured(SKETCHES, record, () => sketch.count);
}

interface Hdr {
  build(options: object): { readonly totalCount: number; recordValue(value: number): void };
}

async function byHdr(): Promise<Measured> {
  const { build } = await loadPeer<Hdr>(HDR);
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2 ** 40,
    numberOfSignificantValueDigits: 1,
  });
  const record = (count: number) => {
    for (let i = 0; i < count; i++) histogram.recordValue(microseconds[i & DURATION_MASK] as number);
  };
  return measured(HDR, record, () => histogram.totalCount);
}

function byPerfHooks(): Promise<Measured> {
  const histogram = createHistogram({ figures: 1 });
  const record = (count: number) => {
    for (let i = 0; i < count; i++) histogram.record(microseconds[i & DURATION_MASK] as number);
  };
  return measured(PERF_HOOKS, record, () => histogram.count);
}

async function measured(
  name: string,
  record: (count: number) => void,
  recorded: () => number | Promise<number>,
): Promise<Measured> {
  const { nanoseconds, times } = await costOf(record);
  return { values: { [name]: nanoseconds }, kept: [{ what: "durations", done: times, recorded: await recorded() }] };
}
