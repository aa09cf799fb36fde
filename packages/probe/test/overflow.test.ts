import { expect, test } from "vitest";
import { openPipeline } from "../src/pipeline.ts";
import type { Recorder } from "../src/recorder.ts";
import { MAX_ROWS } from "../src/slab.ts";
import type { StageRecorder } from "../src/stage.ts";
import { USE } from "../src/state-clock.ts";
import { HandClock, mainRecorder, resourceRow, stageRow, timesMs } from "./hand-clock.ts";

const stageNamed = (recorder: Recorder, name: string) =>
  recorder.openStage({ pipeline: "p", name, role: "stage" }) as StageRecorder;

function fullRecorder() {
  const clock = new HandClock();
  const recorder = mainRecorder(clock);
  for (let stage = 0; stage < MAX_ROWS; stage++) stageNamed(recorder, `stage ${stage}`);
  return { clock, recorder };
}

test("stages beyond the limit are recorded as one that says so, each is counted once, and those within go on", () => {
  const { recorder } = fullRecorder();
  for (const name of ["one", "two", "one"]) stageNamed(recorder, name).finished(1, 1);
  stageNamed(recorder, "stage 63").finished(1, 1);
  const snapshot = recorder.snapshot();
  expect(snapshot.stages).toHaveLength(MAX_ROWS + 1);
  expect(snapshot.stages.find(({ name }) => name === "others")).toMatchObject({
    pipeline: "others",
    name: "others",
    attributes: { "otel.metric.overflow": "true" },
  });
  expect(stageRow(snapshot, "others").units).toBe(3);
  expect(stageRow(snapshot, "stage 63").units).toBe(1);
  expect(snapshot.losses).toEqual({ "stage-limit": 2 });
});

test("nothing is told of who feeds the overflow: it stands for many", () => {
  const { recorder } = fullRecorder();
  const [first, one, two] = ["stage 0", "one", "two"].map((name) => stageNamed(recorder, name)) as [
    StageRecorder,
    StageRecorder,
    StageRecorder,
  ];
  recorder.connect(first, one);
  recorder.connect(one, two);
  recorder.connect(two, first);
  recorder.connect(first, stageNamed(recorder, "stage 1"));
  expect(recorder.snapshot().edges).toEqual([{ from: 0, to: 1 }]);
});

test("a resource without room is counted once, and a call of it is seen as the stage's own time of use", () => {
  const { clock, recorder } = fullRecorder();
  const options = { pipeline: "p", name: "table", kind: "service" } as const;
  for (let time = 0; time < 2; time++)
    expect(recorder.openResource(stageNamed(recorder, "stage 1"), options)).toBeNull();
  const stage = openPipeline(recorder, "p").stage("stage 2");
  stage.run(() => {
    const call = recorder.beginCall({ name: "api", kind: "service" }, USE, clock.nowMs());
    clock.work(5);
    call?.end(clock.nowMs());
  });
  const snapshot = recorder.snapshot();
  expect(timesMs(stageRow(snapshot, "stage 2"))).toEqual({ use: 5 });
  expect(snapshot.resources).toEqual([]);
  expect(snapshot.losses).toEqual({ "stage-limit": 2 });
});

test("when a stage within the limit is closed, the next one has its room; the overflow is not closed", () => {
  const { clock, recorder } = fullRecorder();
  const beyond = openPipeline(recorder, "p").stage("one");
  beyond.run(() => clock.work(1));
  beyond.close();
  beyond.run(() => clock.work(1));
  recorder.closeStage(stageNamed(recorder, "stage 7"));
  stageNamed(recorder, "one").finished(1, 1);
  const snapshot = recorder.snapshot();
  expect(stageRow(snapshot, "others").units).toBe(2);
  expect(stageRow(snapshot, "one").units).toBe(1);
  expect(snapshot.losses).toEqual({ "stage-limit": 1 });
});

test("a stage within the overflow uses what it calls as others do", () => {
  const { clock, recorder } = fullRecorder();
  const pipeline = openPipeline(recorder, "p");
  const beyond = pipeline.stage("one");
  recorder.closeStage(stageNamed(recorder, "stage 7"));
  beyond.use(pipeline.resource("table", { kind: "service" }), () => clock.work(4));
  expect(resourceRow(recorder.snapshot(), "others", "table")).toMatchObject({ uses: 1, useSeconds: 0.004 });
});

test("a million different names cost the time and the memory of a look at each", () => {
  const { recorder } = fullRecorder();
  const names = 300_000;
  const overflow = stageNamed(recorder, "first");
  const before = process.memoryUsage().heapUsed;
  for (let name = 0; name < names; name++) {
    if (stageNamed(recorder, `/orders/${name}`) !== overflow) throw new Error(`${name} has a row`);
  }
  // A megabyte of hashes at most, and what was not collected yet.
  (globalThis as { gc?: () => void }).gc?.();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(60e6);
  expect(recorder.snapshot().stages).toHaveLength(MAX_ROWS + 1);
  const lost = recorder.snapshot().losses["stage-limit"] ?? 0;
  expect(lost).toBeGreaterThan(names * 0.99);
  expect(lost).toBeLessThanOrEqual(names + 1);
});
