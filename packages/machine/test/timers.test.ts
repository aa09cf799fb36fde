import timers, { setImmediate as namedImmediate } from "node:timers";
import { promisify } from "node:util";
import { openPipeline, Recorder } from "@pinchpoint/probe";
import { afterEach, expect, test } from "vitest";
import { instrumentTimers } from "../src/timers.ts";

const BARE = { setTimeout, setInterval, setImmediate };

let detach: () => void = () => {};
afterEach(() => detach());

function recording(place: () => string | null = () => "app.js:7") {
  const clock = { nowMs: 0 };
  const recorder = Recorder.forProcess(
    { nowMs: () => clock.nowMs, idleMs: () => 0 },
    { name: "main", osThreadId: null, workerId: 0 },
  );
  detach = instrumentTimers(recorder, { place }).detach;
  const work = (ms: number) => {
    clock.nowMs += ms;
  };
  const told = () => recorder.outsideHolds().map(({ name, heldSeconds }) => [name, Math.round(1000 * heldSeconds)]);
  return { recorder, work, told, clock };
}

test("a callback that no stage has set is told by its name and the place where it was set", async () => {
  const { work, told } = recording();
  await new Promise<void>((resolve) => {
    const refreshBoard = () => {
      work(30);
      clearInterval(timer);
      resolve();
    };
    const timer = setInterval(refreshBoard, 1);
  });
  expect(told()).toEqual([["setInterval refreshBoard (app.js:7)", 30]]);
});

test("one without a name, or whose place is unknown, is told by what is known", async () => {
  const { work, told } = recording(() => null);
  await new Promise<void>((resolve) => {
    setImmediate(() => {
      work(5);
      resolve();
    });
  });
  expect(told()).toEqual([["setImmediate", 5]]);
});

test("a timer that a stage sets is the stage's", async () => {
  const { recorder, work, told } = recording();
  const stage = openPipeline(recorder, "etl").stage("retry");
  await stage.run(
    () =>
      new Promise<void>((resolve) => {
        setTimeout(() => {
          work(5);
          resolve();
        }, 1);
      }),
  );
  expect(told()).toEqual([]);
  expect(recorder.snapshot().stageRows[0]?.loopHeldSeconds).toBeCloseTo(0.005, 9);
});

test("callbacks get their this and their arguments, and the timer is Node's own", async () => {
  recording();
  const [self, args] = await new Promise<[unknown, unknown[]]>((resolve) => {
    const timer = setTimeout(
      function (this: unknown, ...given: unknown[]) {
        resolve([this === timer, given]);
      },
      1,
      "a",
      2,
    );
  });
  expect([self, args]).toEqual([true, ["a", 2]]);
});

test("what is no callback is refused by Node as ever", () => {
  recording();
  expect(() => setTimeout("code" as never, 1)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG_TYPE" }));
});

test("functions keep their name, their length and what util.promisify finds on them", async () => {
  recording();
  for (const name of ["setTimeout", "setInterval", "setImmediate"] as const) {
    expect(globalThis[name]).not.toBe(BARE[name]);
    expect([globalThis[name].name, globalThis[name].length]).toEqual([BARE[name].name, BARE[name].length]);
  }
  expect(await promisify(setTimeout)(1, "late")).toBe("late");
});

test("named imports of node:timers are told too", async () => {
  const { work, told } = recording();
  await new Promise<void>((resolve) => {
    namedImmediate(() => {
      work(4);
      resolve();
    });
  });
  expect(told()).toEqual([["setImmediate (app.js:7)", 4]]);
});

test("places are looked up a hundred times a second at most", () => {
  const { clock } = recording(() => {
    lookUps += 1;
    return null;
  });
  let lookUps = 0;
  for (let index = 0; index < 250; index++) clearTimeout(setTimeout(() => {}, 1000));
  expect(lookUps).toBe(100);
  clock.nowMs += 1000;
  clearTimeout(setTimeout(() => {}, 1000));
  expect(lookUps).toBe(101);
});

test("detached, Node's own are back", () => {
  recording();
  detach();
  expect([setTimeout, setInterval, setImmediate]).toEqual([BARE.setTimeout, BARE.setInterval, BARE.setImmediate]);
  expect(timers.setTimeout).toBe(BARE.setTimeout);
});
