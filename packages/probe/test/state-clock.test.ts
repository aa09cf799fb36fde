import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  BLOCKED,
  COPY_COUNT,
  COPY_LENGTH,
  type ReadBy,
  SELF,
  STARVED,
  STATES,
  StateClock,
  type StateIndex,
  StateRow,
  timeInStateMs,
} from "../src/state-clock.ts";

function row(readBy: ReadBy = "another-thread") {
  const words = new Float64Array(new SharedArrayBuffer(8 * COPY_COUNT * COPY_LENGTH));
  const sequences = new Int32Array(new SharedArrayBuffer(4));
  const clock = new StateClock(words, 0, sequences, 0, readBy);
  const published = new StateRow(words, 0, sequences, 0);
  const into = new Float64Array(COPY_LENGTH);
  const read = (atMs: number) => {
    expect(published.read(into)).toBe(true);
    return {
      workers: Array.from(into.subarray(0, STATES.length)),
      timesMs: STATES.map((_, state) => timeInStateMs(into, state as StateIndex, atMs)),
    };
  };
  return { clock, read };
}

test.each(["another-thread", "writer"] as const)(
  "the time in a state goes on while a worker is in it and stands still after, for %s",
  (readBy) => {
    const { clock, read } = row(readBy);
    clock.enter(STARVED, 10);
    expect(read(25)).toEqual({ workers: [1, 0, 0, 0, 0, 0], timesMs: [15, 0, 0, 0, 0, 0] });
    clock.move(STARVED, SELF, 30);
    clock.leave(SELF, 70);
    expect(read(1000)).toEqual({ workers: [0, 0, 0, 0, 0, 0], timesMs: [20, 40, 0, 0, 0, 0] });
  },
);

test("workers of one stage add up, whoever of them leaves first", () => {
  const { clock, read } = row();
  clock.enter(SELF, 0);
  clock.enter(SELF, 10);
  clock.move(SELF, BLOCKED, 30);
  expect(clock.workers(SELF)).toBe(1);
  expect(read(40).timesMs).toEqual([0, 60, 0, 0, 10, 0]);
});

test("a row that nobody wrote reads as no workers and no time", () => {
  expect(row().read(5000)).toEqual({ workers: [0, 0, 0, 0, 0, 0], timesMs: [0, 0, 0, 0, 0, 0] });
});

test("the sequence number goes round without harm", () => {
  const sequences = new Int32Array(new SharedArrayBuffer(4));
  sequences[0] = 2 ** 31 - 3;
  const words = new Float64Array(new SharedArrayBuffer(8 * COPY_COUNT * COPY_LENGTH));
  const clock = new StateClock(words, 0, sequences, 0, "another-thread");
  const published = new StateRow(words, 0, sequences, 0);
  const into = new Float64Array(COPY_LENGTH);
  for (let entered = 1; entered <= 8; entered += 1) {
    clock.enter(SELF, 0);
    expect(published.read(into)).toBe(true);
    expect(into[SELF]).toBe(entered);
  }
  expect(sequences[0]).toBeLessThan(0);
});

test("a reader whom the writer overtakes each time gives up instead of hanging", () => {
  const sequences = new Int32Array(new SharedArrayBuffer(4));
  /** The writer makes as many transitions as it takes while the reader copies. */
  class Overtaken extends Float64Array {
    override set(from: ArrayLike<number>): void {
      super.set(from);
      Atomics.add(sequences, 0, COPY_COUNT - 1);
    }
  }
  const row = new StateRow(new Float64Array(COPY_COUNT * COPY_LENGTH), 0, sequences, 0);
  expect(row.read(new Overtaken(COPY_LENGTH))).toBe(false);
});

const transition = fc.record({
  waitMs: fc.nat(1000),
  kind: fc.constantFrom("enter", "leave", "move"),
  worker: fc.nat(9),
  state: fc.nat(5),
});

test("times are those of the naive list of intervals, and sum to the workers' time", () => {
  fc.assert(
    fc.property(fc.array(transition, { maxLength: 100, size: "max" }), fc.nat(1000), (transitions, restMs) => {
      const { clock, read } = row();
      const present: { state: StateIndex; sinceMs: number }[] = [];
      const intervals: { state: StateIndex; lengthMs: number }[] = [];
      const close = ({ state, sinceMs }: { state: StateIndex; sinceMs: number }, atMs: number) =>
        intervals.push({ state, lengthMs: atMs - sinceMs });
      let workerMs = 0;
      let nowMs = 0;
      const pass = (ms: number) => {
        workerMs += present.length * ms;
        nowMs += ms;
      };
      for (const { waitMs, kind, worker, state: next } of transitions) {
        pass(waitMs);
        const state = next as StateIndex;
        const chosen = present[worker % Math.max(1, present.length)];
        if (kind === "enter") {
          present.push({ state, sinceMs: nowMs });
          clock.enter(state, nowMs);
        } else if (chosen !== undefined) {
          close(chosen, nowMs);
          if (kind === "leave") {
            present.splice(present.indexOf(chosen), 1);
            clock.leave(chosen.state, nowMs);
          } else {
            clock.move(chosen.state, state, nowMs);
            chosen.state = state;
            chosen.sinceMs = nowMs;
          }
        }
      }
      pass(restMs);
      for (const worker of present) close(worker, nowMs);
      const { timesMs, workers } = read(nowMs);
      const naive = STATES.map((_, state) =>
        intervals.filter((one) => one.state === state).reduce((sum, { lengthMs }) => sum + lengthMs, 0),
      );
      expect(timesMs).toEqual(naive);
      expect(timesMs.reduce((sum, ms) => sum + ms)).toBe(workerMs);
      expect(workers).toEqual(STATES.map((_, state) => present.filter((one) => one.state === state).length));
    }),
  );
});
