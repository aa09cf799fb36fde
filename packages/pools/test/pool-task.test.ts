import { expect, test } from "vitest";
import { openTask, type PoolTask } from "../src/pool-task.ts";
import { countsOf, HandClock, mainRecorder, stageRow, timesMs } from "./recording.ts";

type Step = "uses" | "ok" | "failed" | "unknown";

/** What becomes of a task, 10 ms each; then how long it was worked on, and as what it counts. */
const cases: readonly (readonly [string, readonly Step[], object, object])[] = [
  ["a task that queues is in nobody's hand", [], {}, { inHand: 0 }],
  ["a task is worked on until it ends", ["uses", "ok"], { self: 10 }, { items: 1, emitted: 1 }],
  ["a task that fails is an error", ["uses", "failed"], { self: 10 }, { errors: 1, items: 0, emitted: 0 }],
  ["a task that fails in the queue is one too", ["failed"], {}, { errors: 1 }],
  ["a task of which nothing is heard is dropped", ["uses", "unknown"], { self: 10 }, { dropped: 1 }],
  ["a task ends once", ["uses", "ok", "ok", "failed"], { self: 10 }, { items: 1, errors: 0, inHand: 0 }],
  ["a task begins once", ["uses", "uses", "ok"], { self: 20 }, { items: 1, inHand: 0 }],
  ["what has ended does not begin", ["failed", "uses"], {}, { errors: 1, inHand: 0 }],
];

test.for(cases)("%s", ([, steps, times, counts]) => {
  const clock = new HandClock();
  const recorder = mainRecorder(clock);
  const task = openTask(recorder, { pipeline: "app", name: "score.js", capacity: 2 }) as PoolTask;
  for (const step of steps) {
    clock.pass(10);
    if (step === "uses") task.uses(clock.nowMs());
    else task.end(clock.nowMs(), step);
  }
  const row = stageRow(recorder, "score.js");
  expect(timesMs(row)).toEqual(times);
  expect(countsOf(row)).toMatchObject({ arrived: 1, ...counts });
});
