import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { systemClock } from "../src/clock.ts";
import type { Recorder } from "../src/recorder.ts";
import type { StageRow } from "../src/snapshot.ts";
import type { StageRecorder } from "../src/stage.ts";
import { fixedRandom, mainRecorder, stageRow, total, workersNow } from "./hand-clock.ts";
import type { WorkerRecording } from "./recording-worker.ts";

const TERMINATIONS = 12;

function startRecording(recorder: Recorder, workerId: number, handOvers: number) {
  const acknowledged = new Int32Array(new SharedArrayBuffer(4));
  const workerData: WorkerRecording = { share: recorder.share, workerId, acknowledged, handOvers };
  const worker = new Worker(new URL("./recording-worker.ts", import.meta.url), { workerData });
  worker.once("exit", () => recorder.endThread(workerId));
  return { worker, finished: () => Atomics.load(acknowledged, 0) };
}

test("what a worker thread recorded is in the process's snapshot, also after it has ended", async () => {
  const recorder = mainRecorder(systemClock());
  const own = recorder.openStage({ pipeline: "p", name: "decode", role: "stage" }) as StageRecorder;
  own.finished(1, 1);
  const startedMs = recorder.nowMs();
  const { worker } = startRecording(recorder, 5, 1000);
  await once(worker, "exit");
  const snapshot = recorder.snapshot();
  expect(snapshot.stages.map(({ name }) => name)).toEqual(["decode", "read"]);
  expect(snapshot.edges).toEqual([{ from: 1, to: 0 }]);
  expect(snapshot.threads[1]).toMatchObject({ id: 1, role: "worker", name: "decoder 5" });
  expect(stageRow(snapshot, "decode", 0).units).toBe(1);
  const row = stageRow(snapshot, "decode", 1);
  expect(row).toMatchObject({ units: 1000, items: 2000, arrived: 2000 });
  expect(total(row.duration.counts)).toBe(1000);

  // Both threads read one clock, so that the worker's times lie within what passed here, and stop with it.
  const endedMs = snapshot.threads[1]?.endedAtMs as number;
  expect(total(row.stateSeconds)).toBeGreaterThan(0);
  expect(total(row.stateSeconds)).toBeLessThanOrEqual((endedMs - startedMs) / 1000);
  expect(workersNow(row)).toEqual({});
  expect(stageRow(recorder.snapshot(), "decode", 1).stateSeconds).toEqual(row.stateSeconds);
  expect(snapshot.losses).toEqual({});
});

/** A row is possible where its parts are at most one hand-over apart: each is stored by itself, in a fixed order. */
function checkPossible(row: StageRow): void {
  const { units, untimed, items, arrived, duration, stateSeconds, loopHeldSeconds } = row;
  expect(units - items / 2).toBeGreaterThanOrEqual(0);
  expect(units - items / 2).toBeLessThanOrEqual(1);
  expect(units - untimed - total(duration.counts)).toBeGreaterThanOrEqual(0);
  expect(units - untimed - total(duration.counts)).toBeLessThanOrEqual(1);
  expect(arrived / 2 - units).toBeGreaterThanOrEqual(0);
  expect(arrived / 2 - units).toBeLessThanOrEqual(1);
  expect(stateSeconds.every((seconds) => seconds >= 0)).toBe(true);
  expect(loopHeldSeconds).toBeGreaterThanOrEqual(0);
}

test("terminating worker threads under load loses no hand-over that was acknowledged", async () => {
  const recorder = mainRecorder(systemClock());
  const random = fixedRandom(7);
  let abandoned = 0;
  for (let workerId = 1; workerId <= TERMINATIONS; workerId++) {
    const { worker, finished } = startRecording(recorder, workerId, Number.POSITIVE_INFINITY);
    const enough = 1 + Math.floor(random() * 20_000);
    let last: StageRow | undefined;
    while (finished() < enough) {
      await new Promise((resolve) => setImmediate(resolve));
      const live = recorder.snapshot().stageRows.findLast(({ thread }) => thread === workerId);
      if (live === undefined) continue;
      expect(live.units).toBeGreaterThanOrEqual(last?.units ?? 0);
      for (const [state, seconds] of live.stateSeconds.entries()) {
        expect(seconds).toBeGreaterThanOrEqual(last?.stateSeconds[state] ?? 0);
      }
      last = live;
    }
    await worker.terminate();
    const snapshot = recorder.snapshot();
    const row = stageRow(snapshot, "decode", workerId);
    checkPossible(row);
    expect(row.units - finished()).toBeGreaterThanOrEqual(0);
    expect(row.units - finished()).toBeLessThanOrEqual(1);
    expect(workersNow(row)).toEqual({});
    expect(snapshot.threads[workerId]?.endedAtMs).not.toBe(null);
    const { abandoned: now = 0, ...others } = snapshot.losses;
    expect(others).toEqual({});
    expect([0, 1]).toContain(now - abandoned);
    abandoned = now;
  }
  expect(recorder.snapshot().threads).toHaveLength(1 + TERMINATIONS);
});
