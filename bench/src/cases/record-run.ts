// A stage runs a function: what that adds to calling it, or to awaiting what it returns.
import { AsyncLocalStorage } from "node:async_hooks";
import { getHeapStatistics } from "node:v8";
import { openPipeline, type Recorder, type Stage, type StageDeclaration } from "@pinchpoint/probe";
import { type Cost, costOf, costsOf } from "../cost.ts";
import { BARE, type Experiment, type Kept, LIMIT, type Measured } from "../experiment.ts";
import { EVERY, ownRecorder, rowOf, SAMPLED, timedUnits } from "./own-recorder.ts";

const SYNC = "sync run, empty function";
const ALLOCATED = "bytes of a sync run";
const SYNC_SAMPLED = "sync run, empty function, sampled";
const ASYNC = "async run, resolved promise";
const ASYNC_TIMED = "async run, resolved promise, timed";
const ASYNC_AMBIENT = "async run, resolved promise, ambient context";
const AWAIT = "await, resolved promise";
const ASYNC_IN_CONTEXT = "async run, resolved promise, within a context";
const AWAIT_IN_CONTEXT = "await, resolved promise, within a context";

/** Set apart from what it costs to know, by an AsyncLocalStorage, what a stage does after an `await`. */
const SYNCHRONOUS = { context: "synchronous" } as const;
const AMBIENT = { context: "ambient" } as const;

const ALLOCATION_CALLS = 10_000_000;
/** So few that hardly any collection comes between two looks at the heap. */
const CALLS_BETWEEN_LOOKS = 5000;

export const experiments: readonly Experiment[] = [
  {
    name: "sync",
    rounds: 7,
    programs: [
      { name: SYNC, measure: () => sync(SYNC, EVERY) },
      { name: SYNC_SAMPLED, measure: () => sync(SYNC_SAMPLED, SAMPLED) },
    ],
    claims: [
      {
        name: "sync `run` around an empty function, timed",
        unit: "ns",
        ours: SYNC,
        peers: [clockOf(SYNC)],
        target: { against: clockOf(SYNC), atMost: 3.5 },
      },
      {
        name: "sync `run` around an empty function, sampled",
        unit: "ns",
        ours: SYNC_SAMPLED,
        peers: [clockOf(SYNC_SAMPLED)],
      },
    ],
  },
  {
    name: "allocation",
    rounds: 1,
    programs: [{ name: ALLOCATED, nodeWords: ["--expose-gc"], measure: allocation }],
    claims: [
      {
        name: "what a sync `run` allocates, over 10 M calls",
        unit: "bytes",
        ours: ALLOCATED,
        target: { against: LIMIT, atMost: 0.1 },
      },
    ],
  },
  {
    name: "async",
    rounds: 7,
    programs: [
      { name: AWAIT, measure: bareAwait },
      { name: ASYNC, measure: () => asyncRun(ASYNC, SAMPLED, SYNCHRONOUS) },
      { name: ASYNC_TIMED, measure: () => asyncRun(ASYNC_TIMED, EVERY, SYNCHRONOUS) },
      { name: ASYNC_AMBIENT, measure: () => asyncRun(ASYNC_AMBIENT, SAMPLED, AMBIENT) },
    ],
    claims: [
      {
        name: "async `run` around a resolved promise, sampled, no ambient context",
        unit: "ns",
        ours: ASYNC,
        bare: AWAIT,
        target: { against: BARE, atMost: 4 },
      },
      {
        name: "async `run` around a resolved promise, timed, no ambient context",
        unit: "ns",
        ours: ASYNC_TIMED,
        bare: AWAIT,
      },
      {
        name: "what the ambient context adds to an async `run`, sampled",
        unit: "ns",
        ours: ASYNC_AMBIENT,
        bare: ASYNC,
        isAdded: true,
        target: { against: LIMIT, atMost: 1000 },
      },
    ],
  },
  {
    name: "async in a context",
    rounds: 7,
    programs: [
      { name: AWAIT_IN_CONTEXT, measure: bareAwaitInContext },
      { name: ASYNC_IN_CONTEXT, measure: asyncRunInContext },
    ],
    claims: [
      {
        name: "async `run` around a resolved promise, timed, ambient context, where the application has an AsyncLocalStorage of its own",
        unit: "ns",
        ours: ASYNC_IN_CONTEXT,
        bare: AWAIT_IN_CONTEXT,
        isAdded: true,
      },
    ],
  },
];

/** No two programs have a value in common. */
function clockOf(program: string): string {
  return program === SYNC ? "a read of performance.now()" : "performance.now()";
}

async function sync(program: string, timedPerSecond: number): Promise<Measured> {
  const { recorder, stage } = stageOf(timedPerSecond, SYNCHRONOUS);
  let last = 0;
  const costs = await costsOf({
    run: (count) => {
      for (let i = 0; i < count; i++) stage.run(nothing);
    },
    clock: (count) => {
      for (let i = 0; i < count; i++) last = performance.now();
    },
  });
  if (!(last > 0)) throw new Error("the clock was not read");
  return {
    values: { [program]: costs.run.nanoseconds, [clockOf(program)]: costs.clock.nanoseconds },
    kept: [kept(recorder, costs.run)],
  };
}

function allocation(): Measured {
  const { recorder, stage } = stageOf(EVERY, SYNCHRONOUS);
  const run = (count: number) => {
    for (let i = 0; i < count; i++) stage.run(nothing);
  };
  const pass = (count: number) => {
    for (let i = 0; i < count; i++) nothing();
  };
  // What looking at the heap allocates is the same for both.
  bytesOver(ALLOCATION_CALLS / 10, run);
  bytesOver(ALLOCATION_CALLS / 10, pass);
  const bytes = bytesOver(ALLOCATION_CALLS, run) - bytesOver(ALLOCATION_CALLS, pass);
  const times = 1.1 * ALLOCATION_CALLS;
  return {
    values: { [ALLOCATED]: Math.max(0, bytes) / ALLOCATION_CALLS },
    kept: [kept(recorder, { times: Math.round(times) })],
  };
}

/** What the heap has grown by, collections left aside. */
function bytesOver(calls: number, repeat: (count: number) => void): number {
  globalThis.gc?.();
  let bytes = 0;
  for (let left = calls; left > 0; left -= CALLS_BETWEEN_LOOKS) {
    const before = getHeapStatistics().used_heap_size;
    repeat(CALLS_BETWEEN_LOOKS);
    bytes += Math.max(0, getHeapStatistics().used_heap_size - before);
  }
  return bytes;
}

const resolved = Promise.resolve(1);
const giveResolved = () => resolved;

async function bareAwait(): Promise<Measured> {
  const { nanoseconds } = await costOf(awaiting);
  return { values: { [AWAIT]: nanoseconds }, kept: [] };
}

async function asyncRun(program: string, timedPerSecond: number, context: StageDeclaration): Promise<Measured> {
  const { recorder, stage } = stageOf(timedPerSecond, context);
  const cost = await costOf((count) => awaitingRuns(stage, count));
  return { values: { [program]: cost.nanoseconds }, kept: [kept(recorder, cost)] };
}

async function bareAwaitInContext(): Promise<Measured> {
  const { nanoseconds } = await new AsyncLocalStorage().run({}, () => costOf(awaiting));
  return { values: { [AWAIT_IN_CONTEXT]: nanoseconds }, kept: [] };
}

async function asyncRunInContext(): Promise<Measured> {
  const { recorder, stage } = stageOf(EVERY, AMBIENT);
  const cost = await new AsyncLocalStorage().run({}, () => costOf((count) => awaitingRuns(stage, count)));
  return { values: { [ASYNC_IN_CONTEXT]: cost.nanoseconds }, kept: [kept(recorder, cost)] };
}

async function awaiting(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await giveResolved();
}

async function awaitingRuns(stage: Stage, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await stage.run(giveResolved);
}

function stageOf(
  timedPerSecond: number,
  declaration: StageDeclaration,
): { readonly recorder: Recorder; readonly stage: Stage } {
  const recorder = ownRecorder(timedPerSecond);
  return { recorder, stage: openPipeline(recorder, "bench").stage("work", declaration) };
}

/** Each that was done was counted, and timed or known not to have been. */
function kept(recorder: Recorder, { times }: Pick<Cost, "times">): Kept {
  const row = rowOf(recorder, "work");
  return { what: "runs", done: times, recorded: timedUnits(row) + row.untimed };
}

function nothing(): void {}
