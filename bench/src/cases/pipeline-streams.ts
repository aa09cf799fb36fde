// Source -> Transform -> Writable in object mode, found and recorded where they are joined.
import { Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Recorder } from "@pinchpoint/probe";
import { instrumentNodeStreams } from "@pinchpoint/streams/node-stream";
import { cpuNanoseconds } from "../cost.ts";
import { BARE, type Experiment, type Kept, type Measured, type Program } from "../experiment.ts";
import { spin, spinsOf } from "../spin.ts";
import { openTelemetry, sumOf } from "./opentelemetry.ts";
import { COUNTED, EVERY, ownRecorder, SAMPLED, timedUnits } from "./own-recorder.ts";

/** What passes through the pipeline, and what its transform does with it. */
interface Load {
  readonly chunk: unknown;
  readonly chunks: number;
  /** Pipelines that nobody counts: until what its own pace needs is compiled. */
  readonly warmUps: number;
  readonly work: (chunk: unknown) => unknown;
}

/** Chunks without work that pass before anything counts: as many compile the code of all streams, whatever they bear later. */
const WARM_UP_CHUNKS = 200_000;
/** Pipelines with the load of which the median counts. */
const PIPELINES = 7;
const STAGES = 3;

const BY_OPENTELEMETRY = "OpenTelemetry histograms with 2 attributes, by hand";

const noWork = (): Load => ({ chunk: { flight: 1 }, chunks: 100_000, warmUps: 1, work: (chunk) => chunk });
const someWork = (): Load => {
  const spins = spinsOf(50);
  return {
    chunk: { flight: 1 },
    chunks: 2000,
    warmUps: 20,
    work: (chunk) => {
      spin(spins);
      return chunk;
    },
  };
};
const BATCH = 64;
const ROW = '{"flight":"KL1001","from":"AMS","to":"LHR","delayMinutes":12,"seats":[180,174]}';
const batches = (): Load => ({
  chunk: Array.from({ length: BATCH }, () => ROW),
  chunks: 1500,
  warmUps: 20,
  work: (rows) => (rows as readonly string[]).map((row) => JSON.parse(row)),
});

const modes = { counted: COUNTED, sampled: SAMPLED, "every item timed": EVERY } as const;
type Mode = keyof typeof modes;

export const experiments: readonly Experiment[] = [
  {
    name: "no work",
    rounds: 7,
    programs: [bareProgram(noWork), ...recordedPrograms(noWork), { name: BY_OPENTELEMETRY, measure: byOpenTelemetry }],
    claims: [
      claim("no work", "counted", 1.25),
      claim("no work", "sampled", 2),
      { ...claim("no work", "every item timed", 4), peers: [BY_OPENTELEMETRY] },
    ],
  },
  {
    name: "50 µs of work",
    rounds: 5,
    programs: [bareProgram(someWork), recordedProgram(someWork, "sampled")],
    claims: [claim("50 µs of work an item", "sampled", 1.05)],
  },
  {
    name: "batches",
    rounds: 5,
    programs: [bareProgram(batches), recordedProgram(batches, "sampled")],
    claims: [claim(`batches of ${BATCH} rows of JSON that are parsed`, "sampled", 1.05)],
  },
];

function claim(load: string, mode: Mode, atMost: number): Experiment["claims"][number] {
  return {
    name: `three streams, ${load}, ${mode}`,
    unit: "ns a chunk",
    ours: mode,
    bare: BARE,
    target: { against: BARE, atMost },
  };
}

function recordedPrograms(load: () => Load): readonly Program[] {
  return (Object.keys(modes) as Mode[]).map((mode) => recordedProgram(load, mode));
}

function recordedProgram(load: () => Load, mode: Mode): Program {
  return { name: mode, measure: () => recorded(load(), mode) };
}

function bareProgram(load: () => Load): Program {
  return { name: BARE, measure: async () => ({ values: { [BARE]: await chunkNanoseconds(load()) }, kept: [] }) };
}

async function recorded(load: Load, mode: Mode): Promise<Measured> {
  const recorder = ownRecorder(modes[mode]);
  instrumentNodeStreams(recorder, { pipeline: "bench" });
  const nanoseconds = await chunkNanoseconds(load);
  return { values: { [mode]: nanoseconds }, kept: keptOf(recorder, mode, chunksOf(load)) };
}

/** Each of the stages must have had each of the chunks; each of them must have been timed where that was asked for. */
function keptOf(recorder: Recorder, mode: Mode, chunks: number): readonly Kept[] {
  const { stages, stageRows } = recorder.snapshot();
  return [
    { what: "stages", done: STAGES, recorded: stages.length },
    ...stageRows.map((row) => ({ what: "chunks", done: chunks, recorded: row.items })),
    ...(mode === "every item timed"
      ? stageRows.map((row) => ({ what: "timed chunks", done: chunks, recorded: timedUnits(row) }))
      : []),
  ];
}

/** What somebody writes by hand who has nothing but the SDK: around each chunk, two reads of the clock and a record. */
async function byOpenTelemetry(): Promise<Measured> {
  const load = noWork();
  const { meter, collect } = await openTelemetry();
  const duration = meter.createHistogram("stage.duration", { unit: "s" });
  const timedAs = (stage: string) => {
    const attributes = { "pipeline.name": "bench", "stage.name": stage };
    return (startMs: number) => duration.record((performance.now() - startMs) / 1000, attributes);
  };
  const [read, transform, write] = [timedAs("read"), timedAs("transform"), timedAs("write")];
  const nanoseconds = await chunkNanoseconds(load, { read, transform, write });
  const done = STAGES * chunksOf(load);
  const kept = [{ what: "durations", done, recorded: sumOf(await collect(), "stage.duration") }];
  return { values: { [BY_OPENTELEMETRY]: nanoseconds }, kept };
}

/** How many go through each stage in all. */
function chunksOf({ chunks, warmUps }: Load): number {
  return WARM_UP_CHUNKS + chunks * (warmUps + PIPELINES);
}

/** Tells how long a stage had a chunk. */
type Told = (startMs: number) => void;
type ByHand = Readonly<Record<"read" | "transform" | "write", Told>>;

/** CPU time of a chunk through the whole pipeline, the median of some. */
async function chunkNanoseconds(load: Load, byHand?: ByHand): Promise<number> {
  const costs: number[] = [];
  const first = { ...noWork(), chunks: WARM_UP_CHUNKS };
  await (byHand === undefined ? flow(first) : flowByHand(first, byHand));
  for (let at = 0; at < load.warmUps + PIPELINES; at++) {
    const before = cpuNanoseconds();
    const written = await (byHand === undefined ? flow(load) : flowByHand(load, byHand));
    if (written !== load.chunks) throw new Error(`${written} of ${load.chunks} chunks arrived`);
    if (at >= load.warmUps) costs.push((cpuNanoseconds() - before) / load.chunks);
  }
  return costs.toSorted((a, b) => a - b)[Math.floor(PIPELINES / 2)] as number;
}

/** @returns how many chunks arrived */
async function flow({ chunk, chunks, work }: Load): Promise<number> {
  let left = chunks;
  let written = 0;
  const source = new Readable({
    objectMode: true,
    read() {
      this.push(left-- > 0 ? chunk : null);
    },
  });
  const transform = new Transform({
    objectMode: true,
    transform(value, _encoding, done) {
      done(null, work(value));
    },
  });
  const sink = new Writable({
    objectMode: true,
    write(_value, _encoding, done) {
      written += 1;
      done();
    },
  });
  await pipeline(source, transform, sink);
  return written;
}

async function flowByHand({ chunk, chunks, work }: Load, { read, transform, write }: ByHand): Promise<number> {
  let left = chunks;
  let written = 0;
  const source = new Readable({
    objectMode: true,
    read() {
      const startMs = performance.now();
      if (left > 0) read(startMs);
      this.push(left-- > 0 ? chunk : null);
    },
  });
  const middle = new Transform({
    objectMode: true,
    transform(value, _encoding, done) {
      const startMs = performance.now();
      const result = work(value);
      transform(startMs);
      done(null, result);
    },
  });
  const sink = new Writable({
    objectMode: true,
    write(_value, _encoding, done) {
      const startMs = performance.now();
      written += 1;
      write(startMs);
      done();
    },
  });
  await pipeline(source, middle, sink);
  return written;
}
