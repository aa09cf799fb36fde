import { expect, test } from "vitest";
import { openPipeline } from "../src/pipeline.ts";
import { Recorder } from "../src/recorder.ts";
import { STATES, USE, WAIT } from "../src/state-clock.ts";
import { HandClock } from "./hand-clock.ts";

const POOL = { name: "resize.js", kind: "pool", capacity: 2 } as const;

function recording() {
  const clock = new HandClock();
  const recorder = Recorder.forProcess(clock, { name: "main", osThreadId: null, workerId: 0 });
  const pipeline = openPipeline(recorder, "test");
  const told = () => {
    const { stageRows, resourceRows, resources } = recorder.snapshot();
    const [row] = resourceRows;
    return {
      states: Object.fromEntries(
        STATES.map((state, i) => [state, Math.round((stageRows[0]?.stateSeconds[i] ?? 0) * 1000)]).filter(
          ([, ms]) => ms !== 0,
        ),
      ),
      resources: resources.map(({ name, kind, capacity }) => ({ name, kind, capacity })),
      waitMs: Math.round((row?.waitSeconds ?? 0) * 1000),
      useMs: Math.round((row?.useSeconds ?? 0) * 1000),
      uses: row?.uses ?? 0,
    };
  };
  return { clock, recorder, pipeline, stage: pipeline.stage("thumbnail"), told };
}

test("a call is charged to the stage whose code made it, first as waiting and then as use", async () => {
  const { clock, recorder, stage, told } = recording();
  await stage.run(async () => {
    clock.idle(1);
    await null;
    const call = recorder.beginCall(POOL, WAIT, clock.nowMs());
    clock.idle(5);
    call?.uses(clock.nowMs());
    clock.idle(7);
    call?.end(clock.nowMs());
    clock.idle(2);
  });
  expect(told()).toEqual({
    states: { self: 3, wait: 5, use: 7 },
    resources: [POOL],
    waitMs: 5,
    useMs: 7,
    uses: 1,
  });
});

test("a call that outlives its hand-over counts for the resource, and takes no other hand-over out of its work", async () => {
  const { clock, recorder, stage, told } = recording();
  const call = stage.run(() => recorder.beginCall(POOL, WAIT, clock.nowMs()));
  clock.idle(4);
  await stage.run(async () => {
    call?.uses(clock.nowMs());
    clock.idle(6);
    call?.end(clock.nowMs());
  });
  expect(told()).toMatchObject({ states: { self: 6 }, waitMs: 4, useMs: 6, uses: 1 });
});

test("calls at the same time are one worker, which uses as long as one of them does", async () => {
  const { clock, recorder, stage, told } = recording();
  await stage.run(async () => {
    const first = recorder.beginCall(POOL, USE, clock.nowMs());
    const second = recorder.beginCall(POOL, WAIT, clock.nowMs());
    clock.idle(3);
    first?.end(clock.nowMs());
    clock.idle(2);
    second?.uses(clock.nowMs());
    clock.idle(4);
    second?.end(clock.nowMs());
  });
  expect(told()).toMatchObject({ waitMs: 5, useMs: 7, uses: 2 });
  const { wait = 0, use = 0 } = told().states;
  expect(wait + use).toBe(9);
});

test("steps that come twice or too late mean nothing", () => {
  const { clock, recorder, stage, told } = recording();
  stage.run(() => {
    const call = recorder.beginCall(POOL, USE, clock.nowMs());
    call?.uses(clock.nowMs());
    clock.idle(2);
    call?.end(clock.nowMs());
    clock.idle(2);
    call?.end(clock.nowMs());
    call?.uses(clock.nowMs());
  });
  expect(told()).toMatchObject({ states: { self: 2, use: 2 }, useMs: 2, uses: 1 });
});

test("code of no stage, and of another recorder's, has no call", () => {
  const { clock, recorder, stage } = recording();
  expect(recorder.beginCall(POOL, USE, clock.nowMs())).toBeNull();
  const other = recording();
  expect(stage.run(() => other.recorder.beginCall(POOL, USE, clock.nowMs()))).toBeNull();
});

test.each(["service", "pool"] as const)(
  "a call within the use of a declared %s is that use, and counts once",
  async (kind) => {
    const { clock, recorder, pipeline, stage, told } = recording();
    const declared = pipeline.resource("model", { kind, capacity: 2 });
    await stage.run(async () => {
      await stage.use(declared, async () => {
        await null;
        expect(recorder.beginCall(POOL, USE, clock.nowMs())).toBeNull();
        clock.idle(5);
      });
      const after = recorder.beginCall(POOL, USE, clock.nowMs());
      clock.idle(1);
      after?.end(clock.nowMs());
    });
    expect(told()).toMatchObject({
      states: { use: 6 },
      resources: [{ name: "model", kind, capacity: 2 }, POOL],
      useMs: 5,
      uses: 1,
    });
  },
);

test("a call within a lock that is held is a call of its own, and so is one of another stage within a use", () => {
  const { clock, recorder, pipeline, stage } = recording();
  const lock = pipeline.resource("lock", { kind: "lock" });
  const model = pipeline.resource("model", { kind: "service" });
  const other = pipeline.stage("other");
  stage.use(lock, () => expect(recorder.beginCall(POOL, USE, clock.nowMs())).not.toBeNull());
  stage.use(model, () => other.run(() => expect(recorder.beginCall(POOL, USE, clock.nowMs())).not.toBeNull()));
});
