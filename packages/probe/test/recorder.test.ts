import { expect, test } from "vitest";
import { Recorder } from "../src/recorder.ts";
import type { ResourceRecorder } from "../src/resource.ts";
import { SEGMENT_EDGES } from "../src/slab.ts";
import { MAX_THREADS } from "../src/slot-memory.ts";
import type { StageRecorder } from "../src/stage.ts";
import { SELF } from "../src/state-clock.ts";
import { HandClock, mainRecorder, resourceRow, stageRow, timesMs } from "./hand-clock.ts";

const stageNamed = (recorder: Recorder, name: string) =>
  recorder.openStage({ pipeline: "p", name, role: "stage" }) as StageRecorder;

test("a stage that is opened twice is one row", () => {
  const recorder = mainRecorder(new HandClock());
  expect(stageNamed(recorder, "score")).toBe(stageNamed(recorder, "score"));
  stageNamed(recorder, "score").finished(1, 1);
  expect(recorder.snapshot().stageRows).toHaveLength(1);
});

test("the first stage of a thread is told once, and whoever listens cannot break the opening", () => {
  const recorder = mainRecorder(new HandClock());
  let told = 0;
  recorder.onFirstStage(() => {
    told += 1;
    throw new Error("no module");
  });
  expect(told).toBe(0);
  expect(stageNamed(recorder, "score")).not.toBeNull();
  stageNamed(recorder, "store");
  expect(told).toBe(1);
  expect(recorder.snapshot().losses).toEqual({ "not-patched": 1 });
});

test("the same name in another pipeline is another stage", () => {
  const recorder = mainRecorder(new HandClock());
  stageNamed(recorder, "score");
  recorder.openStage({ pipeline: "q", name: "score", role: "stage" });
  expect(recorder.snapshot().stages.map(({ id, pipeline }) => ({ id, pipeline }))).toEqual([
    { id: 0, pipeline: "p" },
    { id: 1, pipeline: "q" },
  ]);
});

test("what a stage was opened with is in the snapshot, whatever the script of its name", () => {
  const recorder = mainRecorder(new HandClock());
  const attributes = { "pinchpoint.model.name": "délai 遅延", "pinchpoint.tenant": '"{}\u0000' };
  recorder.openStage({ pipeline: "Flüge ✈", name: "評価 \ud800", role: "source", workers: 4, attributes });
  expect(recorder.snapshot().stages).toEqual([
    { id: 0, pipeline: "Flüge ✈", name: "評価 \ud800", role: "source", workers: 4, attributes },
  ]);
});

test("attributes that do not fit are left out and counted, the stage is recorded all the same", () => {
  const recorder = mainRecorder(new HandClock());
  const attributes = { "pinchpoint.tenant": "t".repeat(600) };
  const stage = recorder.openStage({ pipeline: "p", name: "score", role: "stage", attributes });
  stage?.finished(1, 1);
  const snapshot = recorder.snapshot();
  expect(stageRow(snapshot, "score").units).toBe(1);
  expect(snapshot.stages[0]?.attributes).toEqual({});
  expect(snapshot.losses).toEqual({ "text-limit": 1 });
});

test("a name that does not fit is counted and not recorded", () => {
  const recorder = mainRecorder(new HandClock());
  expect(recorder.openStage({ pipeline: "p", name: "染".repeat(200), role: "stage" })).toBe(null);
  expect(recorder.snapshot()).toMatchObject({ stages: [], losses: { "text-limit": 1 } });
});

test("edges join stages once each; those beyond the limit are counted once", () => {
  const recorder = mainRecorder(new HandClock());
  const stages = Array.from({ length: 20 }, (_, stage) => stageNamed(recorder, `stage ${stage}`));
  const connectAll = () => {
    for (const from of stages) for (const to of stages) if (from !== to) recorder.connect(from, to);
  };
  connectAll();
  connectAll();
  const { edges, losses } = recorder.snapshot();
  expect(edges).toHaveLength(SEGMENT_EDGES);
  expect(edges[0]).toEqual({ from: 0, to: 1 });
  expect(edges[19]).toEqual({ from: 1, to: 0 });
  expect(losses).toEqual({ "edge-limit": 20 * 19 - SEGMENT_EDGES });
});

test("threads beyond the limit record nothing and are counted", () => {
  const recorder = mainRecorder(new HandClock());
  const claim = (workerId: number) =>
    Recorder.forWorker(recorder.share, new HandClock(), { name: `worker ${workerId}`, osThreadId: null, workerId });
  for (let workerId = 1; workerId < MAX_THREADS; workerId++) expect(claim(workerId)).not.toBe(null);
  expect(claim(98)).toBe(null);
  expect(claim(99)).toBe(null);
  const { threads, losses } = recorder.snapshot();
  expect(threads).toHaveLength(MAX_THREADS);
  expect(threads.at(-1)).toEqual({
    id: MAX_THREADS - 1,
    role: "worker",
    name: `worker ${MAX_THREADS - 1}`,
    workerId: MAX_THREADS - 1,
    osThreadId: null,
    endedAtMs: null,
  });
  expect(losses).toEqual({ "thread-limit": 2 });
});

test("how much room is taken is told of all threads that record, and less of it when one has ended or a stage is closed", () => {
  const recorder = mainRecorder(new HandClock());
  const { rowLimit } = recorder.room();
  expect(rowLimit).toBeGreaterThan(8 * 1000);
  expect(recorder.room()).toEqual({ rowsInUse: 0, rowLimit, threadsInUse: 1, threadLimit: MAX_THREADS });
  const worker = Recorder.forWorker(recorder.share, new HandClock(), { name: "w", osThreadId: null, workerId: 3 });
  const score = stageNamed(recorder, "score");
  stageNamed(worker as Recorder, "score");
  stageNamed(worker as Recorder, "store");
  recorder.openResource(score, { pipeline: "p", name: "table", kind: "service" });
  expect(recorder.room()).toMatchObject({ rowsInUse: 4, threadsInUse: 2 });
  recorder.endThread(3);
  expect(recorder.room()).toMatchObject({ rowsInUse: 2, threadsInUse: 1 });
  // One row is for what is recorded of closed stages.
  recorder.closeStage(score);
  expect(recorder.room()).toMatchObject({ rowsInUse: 1, threadsInUse: 1 });
});

test("a clock that fails is counted and the recording goes on without it", () => {
  const readings = [10, 20, 5];
  const recorder = mainRecorder({
    nowMs: () => {
      const reading = readings.shift();
      if (reading === undefined) throw new Error("no clock here");
      return reading;
    },
    idleMs: () => Number.NaN,
  });
  const stage = stageNamed(recorder, "score");
  stage.enter(SELF, stage.nowMs());
  stage.leave(SELF, stage.nowMs());
  stage.finished(1, 0);
  const snapshot = recorder.snapshot();
  expect(timesMs(stageRow(snapshot, "score"))).toEqual({});
  expect(snapshot.atMs).toBe(20);
  expect(snapshot.losses.clock).toBeGreaterThanOrEqual(3);
});

test("a resource has a row for each stage that uses it", () => {
  const clock = new HandClock();
  const recorder = mainRecorder(clock);
  const options = { pipeline: "p", name: "table", kind: "service", capacity: 16 } as const;
  const open = (name: string) => recorder.openResource(stageNamed(recorder, name), options) as ResourceRecorder;
  const [read, write] = [open("read"), open("write")];
  expect(open("read")).toBe(read);
  read.waitBegins(0);
  clock.idle(30);
  read.waitEnds(30, 30);
  read.useBegins(30);
  write.useBegins(30);
  clock.idle(10);
  read.useEnds(40, 10);
  const snapshot = recorder.snapshot();
  expect(snapshot.resources).toEqual([{ id: 0, pipeline: "p", name: "table", kind: "service", capacity: 16 }]);
  expect(resourceRow(snapshot, "read", "table")).toMatchObject({
    uses: 1,
    waitSeconds: 0.03,
    useSeconds: 0.01,
    inUse: 0,
    wait: { sumSeconds: 0.03 },
    use: { sumSeconds: 0.01 },
  });
  expect(resourceRow(snapshot, "write", "table")).toMatchObject({
    uses: 0,
    waitSeconds: 0,
    useSeconds: 0.01,
    inUse: 1,
  });
});

test("a resource's capacity is the largest that any stage has met it with, and unknown until then", () => {
  const recorder = mainRecorder(new HandClock());
  const open = (name: string, capacity: number | null) =>
    recorder.openResource(stageNamed(recorder, name), { pipeline: "p", name: "resize.js", kind: "pool", capacity });
  const capacity = () => recorder.snapshot().resources.map((resource) => resource.capacity);
  open("decode", null);
  expect(capacity()).toEqual([null]);
  open("decode", 2);
  open("score", 4);
  expect(capacity()).toEqual([4]);
  open("decode", 8);
  open("decode", 1);
  open("score", null);
  expect(capacity()).toEqual([8]);
});

test("only the main thread's recorder reads the process", () => {
  const { share } = mainRecorder(new HandClock());
  const worker = Recorder.forWorker(share, new HandClock(), { name: "w", osThreadId: null, workerId: 1 });
  expect(() => worker?.snapshot()).toThrow("snapshot() belongs to the main thread's recorder, not a worker's");
});
