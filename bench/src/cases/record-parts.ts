// What a record is made of: the clock, the three ways to know which stage is running, and counters.
import { AsyncLocalStorage } from "node:async_hooks";
import { openPipeline } from "@pinchpoint/probe";
import { costsOf } from "../cost.ts";
import type { Experiment, Measured } from "../experiment.ts";
import { openTelemetry, sumOf, TWO_ATTRIBUTES } from "./opentelemetry.ts";
import { COUNTED, EVERY, ownRecorder, rowOf } from "./own-recorder.ts";
import { promClient, sampleSum } from "./prom-client.ts";

const STEADY = "the recorder's clock";
const NOW = "performance.now()";
const BIGINT = "process.hrtime.bigint()";
const VARIABLE = "a variable for the synchronous part";
const EXPLICIT = "`use` of a resource";
const STORAGE = "AsyncLocalStorage.run";
const COUNT = "a bound counter";
const OPENTELEMETRY = "OpenTelemetry, 2 attributes";
const PROM_CLIENT = "prom-client, bound";

export const experiments: readonly Experiment[] = [
  {
    name: "clock",
    rounds: 5,
    programs: [{ name: "clock", measure: clock }],
    claims: [
      {
        name: "a read of the recorder's clock, which never throws or steps back",
        unit: "ns",
        ours: STEADY,
        peers: [NOW, BIGINT],
      },
    ],
  },
  {
    name: "which stage is running",
    rounds: 5,
    programs: [{ name: "which stage is running", measure: running }],
    claims: [
      { name: "to know which stage runs: by a variable, set and reset, without the clock", unit: "ns", ours: VARIABLE },
      { name: "by the explicit form, `use` within a `run`, timed", unit: "ns", ours: EXPLICIT },
      { name: "by AsyncLocalStorage alone, entered and left", unit: "ns", ours: STORAGE },
    ],
  },
  {
    name: "counter",
    rounds: 5,
    programs: [
      { name: COUNT, measure: counter },
      { name: OPENTELEMETRY, measure: byOpenTelemetry },
      { name: PROM_CLIENT, measure: byPromClient },
    ],
    claims: [{ name: "one more of a bound counter", unit: "ns", ours: COUNT, peers: [OPENTELEMETRY, PROM_CLIENT] }],
  },
];

async function clock(): Promise<Measured> {
  const recorder = ownRecorder(EVERY);
  let ms = 0;
  let nanoseconds = 0n;
  const costs = await costsOf({
    [STEADY]: (count) => {
      for (let i = 0; i < count; i++) ms = recorder.nowMs();
    },
    [NOW]: (count) => {
      for (let i = 0; i < count; i++) ms = performance.now();
    },
    [BIGINT]: (count) => {
      for (let i = 0; i < count; i++) nanoseconds = process.hrtime.bigint();
    },
  });
  if (!(ms > 0 && nanoseconds > 0n)) throw new Error("a clock was not read");
  return { values: nanosecondsOf(costs), kept: [] };
}

async function running(): Promise<Measured> {
  const recorder = ownRecorder(EVERY);
  const stage = recorder.openStage({ pipeline: "bench", name: "held", role: "stage" });
  if (stage === null) throw new Error("there was no room for one stage");
  const flights = openPipeline(recorder, "bench");
  const [caller, table] = [flights.stage("caller"), flights.resource("table", { kind: "lock", capacity: 1 })];
  const storage = new AsyncLocalStorage();
  const store = {};
  const atMs = recorder.nowMs();
  const costs = await costsOf({
    [VARIABLE]: (count) => {
      for (let i = 0; i < count; i++) stage.release(stage.hold(atMs), atMs);
    },
    [EXPLICIT]: (count) =>
      caller.run(() => {
        for (let i = 0; i < count; i++) caller.use(table, nothing);
      }),
    [STORAGE]: (count) => {
      for (let i = 0; i < count; i++) storage.run(store, nothing);
    },
  });
  const uses = recorder.snapshot().resourceRows.reduce((sum, row) => sum + row.uses, 0);
  return { values: nanosecondsOf(costs), kept: [{ what: "uses", done: costs[EXPLICIT].times, recorded: uses }] };
}

async function counter(): Promise<Measured> {
  const recorder = ownRecorder(COUNTED);
  const stage = recorder.openStage({ pipeline: "bench", name: "work", role: "stage" });
  if (stage === null) throw new Error("there was no room for one stage");
  const costs = await costsOf({
    [COUNT]: (count) => {
      for (let i = 0; i < count; i++) stage.emitted(1);
    },
  });
  const recorded = rowOf(recorder, "work").emitted;
  return { values: nanosecondsOf(costs), kept: [{ what: "items", done: costs[COUNT].times, recorded }] };
}

async function byOpenTelemetry(): Promise<Measured> {
  const { meter, collect } = await openTelemetry();
  const items = meter.createCounter("items");
  const costs = await costsOf({
    [OPENTELEMETRY]: (count) => {
      for (let i = 0; i < count; i++) items.add(1, TWO_ATTRIBUTES);
    },
  });
  const recorded = sumOf(await collect(), "items");
  return { values: nanosecondsOf(costs), kept: [{ what: "items", done: costs[OPENTELEMETRY].times, recorded }] };
}

async function byPromClient(): Promise<Measured> {
  const { Counter, register } = await promClient();
  const items = new Counter({ name: "items", help: "of a stage", labelNames: ["pipeline", "stage"] });
  const bound = items.labels("bench", "work");
  const costs = await costsOf({
    [PROM_CLIENT]: (count) => {
      for (let i = 0; i < count; i++) bound.inc(1);
    },
  });
  const recorded = sampleSum(await register.metrics(), "items");
  return { values: nanosecondsOf(costs), kept: [{ what: "items", done: costs[PROM_CLIENT].times, recorded }] };
}

function nanosecondsOf(costs: Readonly<Record<string, { readonly nanoseconds: number }>>): Record<string, number> {
  return Object.fromEntries(Object.entries(costs).map(([name, { nanoseconds }]) => [name, nanoseconds]));
}

function nothing(): void {}
