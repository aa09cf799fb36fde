import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openPipeline } from "../src/pipeline.ts";
import { Recorder } from "../src/recorder.ts";
import { MAX_ROWS } from "../src/slab.ts";
import type { StageRecorder } from "../src/stage.ts";
import { SELF } from "../src/state-clock.ts";
import { HandClock, mainRecorder, stageRow, timesMs, total } from "./hand-clock.ts";

function processWithWorker() {
  const clock = new HandClock();
  const main = mainRecorder(clock);
  const worker = Recorder.forWorker(main.share, clock, { name: "w", osThreadId: null, workerId: 1 }) as Recorder;
  return { clock, main, worker };
}

const stageNamed = (recorder: Recorder, name: string) =>
  recorder.openStage({ pipeline: "p", name, role: "stage" }) as StageRecorder;

test("a stage that is closed is told no longer, nor what it called, nor who fed it", () => {
  const { clock, main } = processWithWorker();
  const pipeline = openPipeline(main, "p");
  const [table, lock] = [
    pipeline.resource("table", { kind: "service" }),
    pipeline.resource("lock", { kind: "lock" }),
  ] as const;
  const read = pipeline.source("read");
  const score = pipeline.stage("score", { from: [read] });
  const store = pipeline.sink("store", { from: [score] });
  for (const stage of [read, score, store]) stage.run(() => clock.work(1));
  score.use(table, () => clock.work(1));
  score.use(lock, () => clock.work(1));
  store.use(lock, () => clock.work(1));
  score.close();
  score.close();
  const snapshot = main.snapshot();
  expect(snapshot.stages.map(({ id, name }) => [id, name])).toEqual([
    [0, "read"],
    [2, "store"],
  ]);
  expect(snapshot.edges).toEqual([]);
  expect(snapshot.resources.map(({ name }) => name)).toEqual(["lock"]);
  expect(snapshot.stageRows).toHaveLength(2);
  expect(snapshot.resourceRows).toHaveLength(1);
  expect(snapshot.losses).toEqual({});
});

test("what is recorded after a stage was closed runs as ever, is counted, and reaches no other stage", async () => {
  const { clock, main } = processWithWorker();
  const pipeline = openPipeline(main, "p");
  const table = pipeline.resource("table", { kind: "service" });
  const closed = pipeline.stage("closed");
  const unit = closed.start();
  const asked = closed.run(() => closed.wait(table, async () => 5));
  closed.close();
  // They get the rows that were the closed stage's and its resource's.
  const next = pipeline.stage("next");
  next.use(table, () => clock.work(1));
  clock.work(10);
  unit.end();
  expect(await asked).toBe(5);
  expect(closed.run(() => 7)).toBe(7);
  expect(closed.use(table, () => 8)).toBe(8);
  closed.run(() => next.run(() => clock.work(2)));
  pipeline.sink("store", { from: [closed] });
  const snapshot = main.snapshot();
  expect(snapshot.stages.map(({ name }) => name)).toEqual(["next", "store"]);
  const row = stageRow(snapshot, "next");
  expect(row).toMatchObject({ units: 1, items: 1, emitted: 1 });
  expect(timesMs(row)).toEqual({ self: 2, use: 1 });
  expect(total(row.duration.counts)).toBe(1);
  expect(snapshot.resourceRows).toHaveLength(1);
  expect(snapshot.resourceRows[0]).toMatchObject({ uses: 1, waitSeconds: 0 });
  expect(snapshot.losses).toEqual({ "stage-closed": 4 });
});

test("a stage that is opened again counts from 0, as another one", () => {
  const { main } = processWithWorker();
  const pipeline = openPipeline(main, "p");
  const first = pipeline.stage("score");
  first.run(() => {});
  first.run(() => {});
  first.close();
  const again = pipeline.stage("score");
  again.run(() => {});
  const { stages, stageRows } = main.snapshot();
  expect(stages.map(({ id, name }) => [id, name])).toEqual([[1, "score"]]);
  expect(stageRows.map(({ units }) => units)).toEqual([1]);
});

test("a stage is told until the last thread that has it open has closed it, with what ended threads did", () => {
  const { clock, main, worker } = processWithWorker();
  const other = Recorder.forWorker(main.share, clock, { name: "o", osThreadId: null, workerId: 2 }) as Recorder;
  const [own, theirs, ended] = [main, worker, other].map((recorder) => stageNamed(recorder, "score"));
  for (const stage of [own, theirs, ended]) stage?.finished(1, 1);
  const units = () => main.snapshot().stageRows.map((row) => row.units);
  main.endThread(2);
  main.closeStage(own as StageRecorder);
  expect(units()).toEqual([1, 1, 1]);
  worker.closeStage(theirs as StageRecorder);
  theirs?.finished(1, 1);
  expect(units()).toEqual([]);
  main.endThread(1);
  const { stages, losses } = main.snapshot();
  expect([stages, losses]).toEqual([[], { "stage-closed": 1 }]);
});

test("the time of workers that were there when a stage was closed ends with it", () => {
  const { clock, main, worker } = processWithWorker();
  const theirs = stageNamed(worker, "score");
  stageNamed(main, "score");
  theirs.enter(SELF, 0);
  clock.work(10);
  worker.closeStage(theirs);
  clock.work(10);
  expect(timesMs(stageRow(main.snapshot(), "score", 1))).toEqual({ self: 10 });
  theirs.leave(SELF, clock.nowMs());
  const snapshot = main.snapshot();
  expect(timesMs(stageRow(snapshot, "score", 1))).toEqual({ self: 10 });
  expect(snapshot.losses).toEqual({});
});

test("a worker thread closes stages without end and has room for as many as the main thread has taken back", () => {
  const { main, worker } = processWithWorker();
  for (let round = 0; round < 3; round++) {
    for (let at = 0; at < MAX_ROWS; at++) {
      const stage = stageNamed(worker, `${round} ${at}`);
      expect(stage.name).toBe(`${round} ${at}`);
      stage.finished(1, 1);
      worker.closeStage(stage);
    }
    expect(stageNamed(worker, "beyond").name).toBe("others");
    expect(main.snapshot().stages.map(({ name }) => name)).toEqual(["others"]);
  }
  // It was refused three times by one name.
  expect(main.snapshot().losses).toEqual({ "stage-limit": 1 });
});

test("stages that are opened and closed in any order never count what was another's", () => {
  const step = fc.record({
    kind: fc.constantFrom("open", "finish", "close", "snapshot"),
    thread: fc.nat(1),
    name: fc.nat(4),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
      const { main, worker } = processWithWorker();
      const recorders = [main, worker] as const;
      // What each open stage of each thread has counted since it was opened; closed ones may be told until a snapshot.
      const open = new Map<string, { readonly stage: StageRecorder; units: number }>();
      const closed: StageRecorder[] = [];
      let lost = 0;
      for (const { kind, thread, name } of steps) {
        const key = `${thread} ${name}`;
        const known = open.get(key);
        const recorder = recorders[thread] as Recorder;
        if (kind === "open" && known === undefined) open.set(key, { stage: stageNamed(recorder, `${name}`), units: 0 });
        else if (kind === "finish" && known !== undefined) {
          known.stage.finished(1, 1);
          known.units += 1;
        } else if (kind === "finish" && closed.length > 0) {
          closed[name % closed.length]?.finished(1, 1);
          lost += 1;
        } else if (kind === "close" && known !== undefined) {
          recorder.closeStage(known.stage);
          closed.push(known.stage);
          open.delete(key);
        } else if (kind === "snapshot") main.snapshot();
      }
      const { stages, stageRows, losses } = main.snapshot();
      for (const [key, { units }] of open) {
        const [thread, name] = key.split(" ").map(Number);
        const stage = stages.find((one) => one.name === `${name}`)?.id;
        const row = stageRows.find((one) => one.stage === stage && one.thread === thread);
        // What was closed on one thread is kept for as long as another thread has the stage open.
        expect(row?.units).toBeGreaterThanOrEqual(units);
      }
      expect(new Set(stages.map(({ name }) => name))).toEqual(
        new Set([...open.keys()].map((key) => key.split(" ")[1])),
      );
      expect(losses["stage-closed"] ?? 0).toBe(lost);
      expect(Object.keys(losses).filter((reason) => reason !== "stage-closed")).toEqual([]);
    }),
  );
});
