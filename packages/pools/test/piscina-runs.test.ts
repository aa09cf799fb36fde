import { Piscina } from "piscina";
import { afterEach, expect, test } from "vitest";
import { recordRuns } from "../src/piscina.ts";
import { classesOf } from "../src/piscina-classes.ts";
import { type RunRecorder, watchRuns } from "../src/piscina-runs.ts";
import { attach, attachments, FILE, newPool } from "./piscina-pools.ts";
import { countsOf, mainRecorder, stageRow } from "./recording.ts";

const recorder = mainRecorder();
let made = 0;
afterEach(() => {
  made = 0;
});

function watch(make: () => RunRecorder | null): void {
  const counted = () => {
    made += 1;
    return make();
  };
  attachments.push(watchRuns(recorder, Piscina, counted));
}

const arrived = () => countsOf(stageRow(recorder, FILE));

test("what records is made with the first task, which it records as all others, and once", async () => {
  watch(() => recordRuns(recorder, Piscina, { pipeline: "app" }));
  const pool = newPool(1);
  expect(made).toBe(0);
  expect(await pool.run({ value: 1 })).toEqual(await pool.run({ value: 1 }));
  expect(made).toBe(1);
  expect(arrived()).toMatchObject({ arrived: 2, items: 2, inHand: 0 });
  // Whoever attaches by hand then attaches nothing more.
  attach(recorder);
  await pool.run({ value: 1 });
  expect(arrived()).toMatchObject({ arrived: 3, items: 3 });
});

test.each([
  ["there can be no recorder", () => null, undefined],
  [
    "it cannot be loaded",
    () => {
      throw new Error("no such file");
    },
    1,
  ],
])("where %s tasks run as bare, and it is tried once", async (_, make, lost) => {
  const before = recorder.snapshot().losses["not-patched"] ?? 0;
  watch(make);
  const pool = newPool(1);
  const answer = await pool.run({ value: 7 });
  expect(await pool.run({ value: 7 })).toEqual(answer);
  expect(made).toBe(1);
  expect((recorder.snapshot().losses["not-patched"] ?? 0) - before).toBe(lost ?? 0);
});

test("detaching restores, whether or not there was a task", async () => {
  const targets = [Piscina.prototype, classesOf(Piscina).worker, classesOf(Piscina).taskModule];
  const state = () => targets.map((target) => Object.getOwnPropertyDescriptors(target));
  const bare = state();
  for (const tasks of [0, 1]) {
    watch(() => recordRuns(recorder, Piscina, { pipeline: "app" }));
    expect(state()).not.toEqual(bare);
    if (tasks > 0) await newPool(1).run({ value: 1 });
    attachments.pop()?.detach();
    expect(state()).toEqual(bare);
  }
});
