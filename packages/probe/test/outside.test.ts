import { expect, test } from "vitest";
import { Recorder } from "../src/recorder.ts";
import { SELF } from "../src/state-clock.ts";
import { HandClock } from "./hand-clock.ts";

function recording() {
  const clock = new HandClock();
  const recorder = Recorder.forProcess(clock, { name: "main", osThreadId: null, workerId: 0 });
  const store = recorder.openStage({ pipeline: "etl", name: "store", role: "sink" });
  if (store === null) throw new TypeError("no room in a new recorder");
  const heldMs = () => Math.round(1000 * (recorder.snapshot().stageRows[0]?.loopHeldSeconds ?? 0));
  const outsideMs = () =>
    recorder.outsideHolds().map(({ name, heldSeconds }) => [name, Math.round(heldSeconds * 1000)]);
  return { clock, recorder, store, heldMs, outsideMs };
}

test("what holds the loop outside of all stages is not charged to the stage whose work is under way", () => {
  const { clock, recorder, store, heldMs, outsideMs } = recording();
  store.enter(SELF, clock.nowMs());
  recorder.outsideHolder("setInterval board").run(() => clock.work(40), undefined, []);
  clock.work(2);
  store.leave(SELF, clock.nowMs());
  expect(outsideMs()).toEqual([["setInterval board", 40]]);
  expect(heldMs()).toBe(2);
  expect(recorder.snapshot().stageRows[0]?.loopOverlapSeconds).toBeCloseTo(0.04, 9);
});

test("what a stage does within it is the stage's", () => {
  const { clock, recorder, store, heldMs, outsideMs } = recording();
  recorder.outsideHolder("setInterval flush").run(
    () => {
      clock.work(3);
      const previous = store.hold(clock.nowMs());
      clock.work(5);
      store.release(previous, clock.nowMs());
      clock.work(1);
    },
    undefined,
    [],
  );
  expect(outsideMs()).toEqual([["setInterval flush", 4]]);
  expect(heldMs()).toBe(5);
});

test("it gives back what the function gives, with its this and its arguments, and its error is its own", () => {
  const { clock, recorder, outsideMs } = recording();
  const holder = recorder.outsideHolder("setTimeout retry");
  const self = { factor: 3 };
  function times(this: typeof self, value: number): number {
    return this.factor * value;
  }
  expect(holder.run(times, self, [7])).toBe(21);
  const error = new Error("mine");
  const fail = () => {
    clock.work(6);
    throw error;
  };
  expect(() => holder.run(fail, undefined, [])).toThrow(error);
  expect(outsideMs()).toEqual([["setTimeout retry", 6]]);
});

test("beyond 64 names the rest is taken together", () => {
  const { clock, recorder, outsideMs } = recording();
  for (let index = 0; index < 100; index++) {
    recorder.outsideHolder(`setTimeout t${index}`).run(() => clock.work(1), undefined, []);
  }
  const told = outsideMs();
  expect(told).toHaveLength(64);
  expect(told.at(-1)).toEqual(["others", 37]);
});
