import { Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, Recorder, STATES, type State, systemClock } from "@pinchpoint/probe";
import { instrumentNodeStreams } from "../src/index.ts";

/**
 * Source, middle and sink, of which one is slow, and the shares of time that each must then be found in. The test runs
 * them in virtual time; `node packages/streams/test/known-answer.ts` runs them in real time.
 */
export type Part = "source" | "middle" | "sink";
export type Mode = "sync" | "async";
export type Shares = Readonly<Record<Part, Partial<Record<State, number>>>>;

export interface Case {
  readonly mode: Mode;
  readonly slow: Part;
}

export const PARTS: readonly Part[] = ["source", "middle", "sink"];
export const CASES: readonly Case[] = (["sync", "async"] as const).flatMap((mode) =>
  PARTS.map((slow) => ({ mode, slow })),
);

/** How time is spent: `spin` keeps the thread, `wait` does not. */
export interface Spending {
  readonly clock: Clock;
  spin(ms: number): void;
  wait(ms: number): Promise<void>;
  until<T>(work: Promise<T>): Promise<T>;
}

export interface Outcome {
  /** Percent of the run's time, as the pipeline itself has seen its parts work. */
  readonly worked: Readonly<Record<Part, number>>;
  /** Percent of the run's time, as they were recorded. */
  readonly recorded: Shares;
}

/**
 * What must be recorded, in percent. On one thread (sync) a part is held up whenever another works: those before it
 * starve it, those after it block it. Where the parts work side by side (async), the slow one always works, those before
 * it are blocked by it and those after it starve.
 */
export function answer({ mode, slow }: Case, worked: Readonly<Record<Part, number>>): Shares {
  const rest = (part: Part) => 100 - worked[part];
  const { source, middle, sink } = worked;
  const middleWaits =
    mode === "sync"
      ? { starved: source, blocked: sink }
      : { starved: slow === "source" ? rest("middle") : 0, blocked: slow === "sink" ? rest("middle") : 0 };
  return {
    source: { self: source, blocked: rest("source") },
    middle: { self: middle, ...middleWaits },
    sink: { self: sink, starved: rest("sink") },
  };
}

/** The largest difference between two sets of shares, in points. */
export function distance(one: Shares, other: Shares): number {
  const differences = PARTS.flatMap((part) =>
    STATES.map((state) => Math.abs((one[part][state] ?? 0) - (other[part][state] ?? 0))),
  );
  return Math.max(...differences);
}

export async function run({ mode, slow }: Case, items: number, spending: Spending): Promise<Outcome> {
  const { clock } = spending;
  const recorder = Recorder.forProcess(clock, { name: "main", osThreadId: null, workerId: 0 });
  const attachment = instrumentNodeStreams(recorder, { pipeline: "known-answer" });
  const startMs = clock.nowMs();
  const workedMs = { source: 0, middle: 0, sink: 0 };
  const work = (part: Part, done: () => void): void => {
    const beginMs = clock.nowMs();
    const costMs = part === slow ? 8 : 1;
    const finish = () => {
      workedMs[part] += clock.nowMs() - beginMs;
      done();
    };
    if (mode === "async") {
      spending.wait(costMs).then(finish);
      return;
    }
    spending.spin(costMs);
    finish();
  };
  const measure = (): Outcome => {
    const wallMs = clock.nowMs() - startMs;
    const { stages, stageRows } = recorder.snapshot();
    const sharesOf = (name: string) => {
      const row = stageRows.find(({ stage }) => stages.find(({ id }) => id === stage)?.name === name);
      return Object.fromEntries(STATES.map((state, i) => [state, ((row?.stateSeconds[i] ?? 0) * 1e5) / wallMs]));
    };
    const share = (ms: number) => (100 * ms) / wallMs;
    return {
      worked: { source: share(workedMs.source), middle: share(workedMs.middle), sink: share(workedMs.sink) },
      recorded: { source: sharesOf("source"), middle: sharesOf("middle"), sink: sharesOf("sink") },
    };
  };
  let produced = 0;
  /** Measured when the source has nothing left: a part that has ended is in no state, and buffers still empty then. */
  let outcome: Outcome | null = null;
  class Source extends Readable {
    override _read(): void {
      if (produced++ < items) {
        work("source", () => this.push(produced));
        return;
      }
      outcome = measure();
      this.push(null);
    }
  }
  class Middle extends Transform {
    override _transform(chunk: unknown, _: string, callback: (error: null, chunk: unknown) => void): void {
      work("middle", () => callback(null, chunk));
    }
  }
  class Sink extends Writable {
    override _write(_chunk: unknown, _: string, callback: () => void): void {
      work("sink", callback);
    }
  }
  const options = { objectMode: true, highWaterMark: 4 };
  try {
    await spending.until(pipeline(new Source(options), new Middle(options), new Sink(options)));
  } finally {
    attachment.detach();
  }
  if (outcome === null) throw new Error("the source was never asked for the item after the last");
  return outcome;
}

/** The thread's own time. */
function realTime(): Spending {
  const clock = systemClock();
  return {
    clock,
    spin: (ms) => {
      const untilMs = clock.nowMs() + ms;
      while (clock.nowMs() < untilMs);
    },
    wait: (ms) => sleep(ms),
    until: (work) => work,
  };
}

if (import.meta.main) {
  for (const one of CASES) {
    const { worked, recorded } = await run(one, 300, realTime());
    const points = distance(recorded, answer(one, worked));
    console.log(`${one.mode} slow ${one.slow}: off by ${points.toFixed(1)} points at most`);
    const table = PARTS.map((part) => {
      const shares = STATES.map((state) => [state, Number((recorded[part][state] ?? 0).toFixed(1))] as const);
      return [part, { worked: Number(worked[part].toFixed(1)), ...Object.fromEntries(shares) }] as const;
    });
    console.table(Object.fromEntries(table));
    if (points > 3) process.exitCode = 1;
  }
}
