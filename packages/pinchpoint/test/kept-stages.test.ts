import { openPipeline, Recorder, type Snapshot } from "@pinchpoint/probe";
import { expect, test } from "vitest";
import { KeptStages } from "../src/kept-stages.ts";

function scene() {
  const clock = { nowMs: 0 };
  const identity = { name: "main", osThreadId: null, workerId: 0 };
  const recorder = Recorder.forProcess({ nowMs: () => clock.nowMs, idleMs: () => 0 }, identity);
  const pipeline = openPipeline(recorder, "etl");
  const table = pipeline.resource("table", { kind: "service" });
  const work = () => {
    clock.nowMs += 10;
  };
  const kept = new KeptStages();
  return { recorder, pipeline, table, work, clock, told: () => kept.of(recorder.snapshot()) };
}

const unitsOf = ({ stages, stageRows }: Snapshot) =>
  Object.fromEntries(stageRows.map((row) => [stages.find(({ id }) => id === row.stage)?.name, row.units]));

test("while no stage is closed, a recording tells what snapshots tell", () => {
  const { recorder, pipeline, table, work, told } = scene();
  const read = pipeline.source("read");
  const score = pipeline.stage("score", { from: [read] });
  for (let round = 0; round < 3; round++) {
    read.run(work);
    score.run(() => score.use(table, work));
    expect(told()).toEqual(recorder.snapshot());
  }
});

test("a stage that is closed is told as it was last, with nobody there, and goes on when it is opened again", () => {
  const { recorder, pipeline, table, work, told } = scene();
  const read = pipeline.source("read");
  const first = pipeline.stage("score", { from: [read] });
  first.run(() => first.use(table, work));
  first.start();
  const open = told();
  expect(open.stageRows[1]?.stateWorkers).toEqual([0, 1, 0, 0, 0, 0]);
  first.close();
  const closed = told();
  expect(recorder.snapshot().stages).toHaveLength(1);
  expect(closed.stages).toEqual(open.stages);
  expect(closed.edges).toEqual(open.edges);
  expect(closed.resources).toEqual(open.resources);
  expect(closed.stageRows[1]).toEqual({ ...open.stageRows[1], stateWorkers: [0, 0, 0, 0, 0, 0] });
  const again = pipeline.stage("score", { from: [read] });
  again.run(() => again.use(table, work));
  const reopened = told();
  expect(reopened.stages.map(({ id, name }) => [id, name])).toEqual(open.stages.map(({ id, name }) => [id, name]));
  expect(reopened.resources).toEqual(open.resources);
  expect(reopened.edges).toEqual(open.edges);
  expect(reopened.stageRows[1]).toMatchObject({ stage: 1, units: 2, items: 2 });
  expect(reopened.stageRows[1]?.stateSeconds[3]).toBeCloseTo(0.02, 12);
  expect(reopened.stageRows[1]?.duration.counts.reduce((sum, count) => sum + count, 0)).toBe(2);
  expect(reopened.resourceRows).toMatchObject([{ stage: 1, resource: 0, uses: 2 }]);
  expect(reopened.resourceRows[0]?.useSeconds).toBeCloseTo(0.02, 12);
});

test("a stage that was closed and opened again between two snapshots does not fall either", () => {
  const { pipeline, work, told } = scene();
  for (let round = 1; round <= 4; round++) {
    const stage = pipeline.stage("job");
    stage.run(work);
    expect(unitsOf(told())).toEqual({ job: round });
    stage.close();
  }
});

test("of stages that are closed without end the last are told, and no more", () => {
  const { pipeline, table, work, told } = scene();
  const stay = pipeline.stage("stay");
  for (let job = 0; job < 500; job++) {
    const stage = pipeline.stage(`job ${job}`, { from: [stay] });
    stage.run(() => stage.use(table, work));
    told();
    stage.close();
  }
  const { stages, stageRows, resourceRows, edges, resources } = told();
  expect(stages).toHaveLength(65);
  expect(stages[0]?.name).toBe("stay");
  expect(stages.at(-1)?.name).toBe("job 499");
  expect([stageRows.length, resourceRows.length, edges.length, resources.length]).toEqual([65, 64, 64, 1]);
});
