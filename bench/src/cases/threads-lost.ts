// Worker threads record while some of them are terminated, and nothing that they recorded is lost.
import { Worker } from "node:worker_threads";
import { start } from "pinchpoint";
import { countsLost, type Tally } from "../counts-lost.ts";
import { type Experiment, LIMIT, type Measured } from "../experiment.ts";
import { seededRandom } from "./durations.ts";

const APPLICATION = new URL("../applications/lost-worker.ts", import.meta.url);
const AT_ONCE = 8;
const TERMINATIONS = 20;
/** A thread is terminated when it has done so many units, drawn from up to this. */
const MOST_UNITS = 200_000;

const LOST = "counts lost or doubled";

export const experiments: readonly Experiment[] = [
  {
    name: "threads that are terminated",
    rounds: 3,
    programs: [{ name: "terminated", isPreloaded: true, measure: terminated }],
    claims: [
      {
        name: `counts lost or doubled by ${AT_ONCE} threads that record, ${TERMINATIONS} of which are terminated and replaced`,
        unit: "units",
        ours: LOST,
        target: { against: LIMIT, atMost: 0 },
        isGate: true,
      },
    ],
  },
];

interface Recording {
  readonly stage: string;
  readonly worker: Worker;
  readonly tally: Int32Array;
}

async function terminated(): Promise<Measured> {
  const random = seededRandom(20_260_101);
  const all: Recording[] = [];
  const living: Recording[] = [];
  const begin = () => {
    const one = recordingThread(`work ${all.length + 1}`);
    all.push(one);
    living.push(one);
  };
  for (let at = 0; at < AT_ONCE; at++) begin();
  let terminations = 0;
  while (terminations < TERMINATIONS) {
    const [one] = living.splice(Math.floor(random() * living.length), 1) as [Recording];
    await hasDone(one, Math.ceil(random() * MOST_UNITS));
    await one.worker.terminate();
    terminations += 1;
    begin();
  }
  for (const one of living) await hasDone(one, 1);
  await Promise.all(living.map(({ worker }) => worker.terminate()));
  const recorder = start();
  const { stages, stageRows } = recorder.snapshot();
  const tallies = all.map(({ stage, tally }): Tally => {
    const id = stages.find(({ name }) => name === stage)?.id;
    const recorded = stageRows.filter((row) => row.stage === id).reduce((sum, { items }) => sum + items, 0);
    return { begun: Atomics.load(tally, 0), ended: Atomics.load(tally, 1), recorded };
  });
  return {
    values: { [LOST]: countsLost(tallies) },
    kept: [
      {
        what: "threads",
        done: AT_ONCE + TERMINATIONS,
        recorded: tallies.filter(({ recorded }) => recorded > 0).length,
      },
    ],
  };
}

function recordingThread(stage: string): Recording {
  const tally = new Int32Array(new SharedArrayBuffer(8));
  return { stage, tally, worker: new Worker(APPLICATION, { workerData: { stage, tally } }) };
}

async function hasDone({ tally, worker }: Recording, units: number): Promise<void> {
  const failed = new Promise<never>((_, reject) => worker.once("error", reject));
  while (Atomics.load(tally, 1) < units) await Promise.race([failed, new Promise((resolve) => setImmediate(resolve))]);
}
