import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { systemClock } from "../src/clock.ts";
import type { Recorder } from "../src/recorder.ts";
import { fixedRandom, mainRecorder, total } from "./hand-clock.ts";
import type { WorkerRecording } from "./recording-worker.ts";

const AT_ONCE = 8;
const TERMINATIONS = 20;

interface Started {
  readonly worker: Worker;
  readonly workerId: number;
  readonly finished: () => number;
}

function start(recorder: Recorder, workerId: number, handOvers: number): Started {
  const acknowledged = new Int32Array(new SharedArrayBuffer(4));
  const workerData: WorkerRecording = { share: recorder.share, workerId, acknowledged, handOvers };
  const worker = new Worker(new URL("./recording-worker.ts", import.meta.url), { workerData });
  worker.once("exit", () => recorder.endThread(workerId));
  return { worker, workerId, finished: () => Atomics.load(acknowledged, 0) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

function unitsOf(recorder: Recorder): readonly number[] {
  const { stages, stageRows } = recorder.snapshot();
  const decode = stages.find(({ name }) => name === "decode")?.id;
  const units: number[] = [];
  for (const row of stageRows) if (row.stage === decode) units[row.thread] = row.units;
  return units;
}

test("eight threads record while twenty are terminated and their slots are used again: no hand-over is lost or doubled", async () => {
  const recorder = mainRecorder(systemClock());
  const random = fixedRandom(20_260_101);
  const all: Started[] = [];
  const living = new Set<Started>();
  const begin = () => {
    const started = start(recorder, all.length + 1, Number.POSITIVE_INFINITY);
    all.push(started);
    living.add(started);
  };
  for (let at = 0; at < AT_ONCE; at++) begin();
  let last: readonly number[] = [];
  const noneFell = () => {
    const now = unitsOf(recorder);
    for (const [slot, units] of last.entries()) expect(now[slot] ?? 0).toBeGreaterThanOrEqual(units ?? 0);
    last = now;
  };
  for (let termination = 0; termination < TERMINATIONS; termination++) {
    const ones = [...living];
    const one = ones[Math.floor(random() * ones.length)] as Started;
    const enough = 1 + Math.floor(random() * 5000);
    while (one.finished() < enough) {
      await turn();
      noneFell();
    }
    living.delete(one);
    // Not waited for: the next one begins while this one dies.
    const ended = one.worker.terminate();
    begin();
    if (random() < 0.5) await ended;
    noneFell();
  }
  for (const one of living) while (one.finished() < 100) await turn();
  await Promise.all([...living].map(({ worker }) => worker.terminate()));
  noneFell();
  const { threads, losses } = recorder.snapshot();
  const acknowledged = total(all.map(({ finished }) => finished()));
  const recorded = total(unitsOf(recorder).filter((units) => units !== undefined));
  // A thread that is terminated between recording a hand-over and acknowledging it has recorded one more.
  expect(recorded - acknowledged).toBeGreaterThanOrEqual(0);
  expect(recorded - acknowledged).toBeLessThanOrEqual(all.length);
  expect(all.length).toBe(AT_ONCE + TERMINATIONS);
  expect(threads.length).toBeLessThan(all.length);
  const { abandoned = 0, ...others } = losses;
  expect(others).toEqual({});
  expect(abandoned).toBeLessThanOrEqual(all.length);
}, 120_000);

test("of threads that end by themselves each hand-over is there, exactly, whoever has their slots", async () => {
  const recorder = mainRecorder(systemClock());
  const handOvers = 200;
  const threads = 60;
  let begun = 0;
  const inTurn = async () => {
    while (begun < threads) {
      begun += 1;
      const { worker } = start(recorder, begun, handOvers);
      await once(worker, "exit");
    }
  };
  await Promise.all([inTurn(), inTurn(), inTurn()]);
  const snapshot = recorder.snapshot();
  expect(total(unitsOf(recorder).filter((units) => units !== undefined))).toBe(threads * handOvers);
  expect(snapshot.threads).toHaveLength(16);
  expect(snapshot.losses).toEqual({});
}, 120_000);
