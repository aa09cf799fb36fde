// What a process takes for many stages on many threads: its resident memory with them, after garbage was collected, less that
// with one stage on each of the threads.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { MetricsPage } from "@pinchpoint/otel";
import type { Recorder, Snapshot } from "@pinchpoint/probe";
import type { ManyStages } from "../applications/many-stages.ts";
import { type Experiment, type Kept, LIMIT, type Measured } from "../experiment.ts";
import { EVERY, ownRecorder } from "./own-recorder.ts";
import { sampleSum } from "./prom-client.ts";

const APPLICATION = new URL("../applications/many-stages.ts", import.meta.url);
const THREADS = 8;
const STAGES = 1000;
const ROWS = THREADS * (STAGES - 1);
const BYTES_OF_MB = 1e6;
/** A thread adds states, outcomes and roles to a stage; no metric has as many series for one. */
const MOST_SERIES = 10 * STAGES;

const stagesInWords = STAGES.toLocaleString("en-US");

const IN_ALL = "in all";
const OF_A_ROW = "of a row";
const HEAP = "heap of the main thread";
const WITH_PAGE = "with the page";

export const experiments: readonly Experiment[] = [
  {
    name: "many stages",
    rounds: 5,
    programs: [{ name: "many stages", nodeWords: ["--expose-gc"], measure: manyStages }],
    claims: [
      {
        name: `memory of ${stagesInWords} stages on each of ${THREADS} threads, recorded and read`,
        unit: "MB",
        ours: IN_ALL,
        target: { against: LIMIT, atMost: 64 },
      },
      { name: "of it a stage's, on one thread", unit: "bytes", ours: OF_A_ROW },
      { name: "of it the heap of the main thread, which reads", unit: "MB", ours: HEAP },
      { name: `the same, and a page of the ${stagesInWords} stages rendered`, unit: "MB", ours: WITH_PAGE },
    ],
  },
];

async function manyStages(): Promise<Measured> {
  const recorder = ownRecorder(EVERY);
  const page = new MetricsPage(() => ({ snapshot: recorder.snapshot(), threads: [] }), { maxSeries: MOST_SERIES });
  const workers = Array.from({ length: THREADS }, (_, at) => startWorker(recorder, at + 1));
  await Promise.all(workers.map((worker) => once(worker, "message")));
  // What reading and rendering take for one stage is theirs, and no stage's.
  recorder.snapshot();
  page.render("prometheus");
  const before = memory();
  const recorded = Promise.all(workers.map((worker) => once(worker, "message")));
  for (const worker of workers) worker.postMessage("go on");
  await recorded;
  let snapshot: Snapshot | null = recorder.snapshot();
  const kept = keptOf(snapshot);
  snapshot = null;
  const read = memory();
  let text: string | null = page.render("prometheus").toString();
  const told: Kept = {
    what: "units on the page",
    done: THREADS * STAGES,
    recorded: sampleSum(text, "pinchpoint_stage_items_total"),
  };
  text = null;
  const rendered = memory();
  await Promise.all(workers.map((worker) => worker.terminate()));
  const bytes = read.residentBytes - before.residentBytes;
  return {
    values: {
      [IN_ALL]: bytes / BYTES_OF_MB,
      [OF_A_ROW]: bytes / ROWS,
      [HEAP]: (read.heapBytes - before.heapBytes) / BYTES_OF_MB,
      [WITH_PAGE]: (rendered.residentBytes - before.residentBytes) / BYTES_OF_MB,
    },
    kept: [kept, told],
  };
}

function startWorker({ share }: Recorder, workerId: number): Worker {
  const workerData: ManyStages = { share, workerId, stages: STAGES };
  return new Worker(APPLICATION, { workerData });
}

/** Rows that hold the one unit that was recorded into each. */
function keptOf({ stageRows }: Snapshot): Kept {
  return { what: "rows", done: THREADS * STAGES, recorded: stageRows.filter(({ items }) => items === 1).length };
}

function memory(): { readonly residentBytes: number; readonly heapBytes: number } {
  globalThis.gc?.();
  return { residentBytes: process.memoryUsage.rss(), heapBytes: process.memoryUsage().heapUsed };
}
