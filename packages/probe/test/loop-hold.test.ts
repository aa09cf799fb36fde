import * as fc from "fast-check";
import { expect, test } from "vitest";
import { HoldAccount, LoopHold } from "../src/loop-hold.ts";
import { COUNTER } from "../src/slab.ts";
import { HandClock } from "./hand-clock.ts";

interface Totals {
  readonly heldMs: number;
  readonly squaredMs: number;
  readonly overlapMs: number;
}

/** @param isNative - which of the stages has no continuations */
function loopOf(stages: number, isNative = -1) {
  const clock = new HandClock();
  const words = Array.from({ length: stages }, () => new Float64Array(16));
  const accounts = words.map((row, index) => new HoldAccount(row, 2, isNative !== index));
  let running: HoldAccount | null = null;
  const loop = new LoopHold(clock, () => running);
  const run = (account: HoldAccount | null) => {
    running = account;
  };
  const totals = (): Totals[] =>
    words.map((row) => ({
      heldMs: row[2 + COUNTER.loopHeldMs] as number,
      squaredMs: row[2 + COUNTER.loopHeldSquaredMs] as number,
      overlapMs: row[2 + COUNTER.loopOverlapMs] as number,
    }));
  return { clock, loop, run, accounts: accounts as [HoldAccount, HoldAccount, HoldAccount], totals };
}

test("a segment within a segment is the inner stage's, and both weigh by the length of the whole block", () => {
  const { clock, loop, accounts, totals } = loopOf(2);
  const [outer, inner] = accounts;
  const outside = loop.hold(outer, clock.nowMs());
  clock.work(3);
  const within = loop.hold(inner, clock.nowMs());
  clock.work(5);
  loop.release(within, clock.nowMs());
  clock.work(2);
  loop.release(outside, clock.nowMs());
  expect(totals()).toEqual([
    { heldMs: 5, squaredMs: 5 * 10, overlapMs: 0 },
    { heldMs: 5, squaredMs: 5 * 10, overlapMs: 0 },
  ]);
});

test("blocks weigh by their own length each", () => {
  const { clock, loop, accounts, totals } = loopOf(1);
  for (const lengthMs of [3, 4]) {
    const outside = loop.hold(accounts[0], clock.nowMs());
    clock.work(lengthMs);
    loop.release(outside, clock.nowMs());
    clock.idle(10);
  }
  expect(totals()).toEqual([{ heldMs: 7, squaredMs: 9 + 16, overlapMs: 0 }]);
});

test("what runs after an await is charged to the one stage that works", () => {
  const { clock, loop, accounts, totals } = loopOf(2);
  loop.enterSelf(accounts[0], clock.nowMs());
  clock.idle(20);
  clock.work(6);
  loop.leaveSelf(accounts[0], clock.nowMs());
  expect(totals()).toEqual([
    { heldMs: 6, squaredMs: 36, overlapMs: 0 },
    { heldMs: 0, squaredMs: 0, overlapMs: 0 },
  ]);
});

test("several stages that work share it, and it overlapped the others", () => {
  const { clock, loop, accounts, totals } = loopOf(3);
  loop.enterSelf(accounts[0], clock.nowMs());
  loop.enterSelf(accounts[1], clock.nowMs());
  loop.enterSelf(accounts[1], clock.nowMs());
  clock.work(6);
  loop.leaveSelf(accounts[0], clock.nowMs());
  loop.leaveSelf(accounts[1], clock.nowMs());
  loop.leaveSelf(accounts[1], clock.nowMs());
  expect(totals()).toEqual([
    { heldMs: 3, squaredMs: 18, overlapMs: 3 },
    { heldMs: 3, squaredMs: 18, overlapMs: 6 },
    { heldMs: 0, squaredMs: 0, overlapMs: 0 },
  ]);
});

test("what runs after an await is charged to the stage that its context tells, whoever else works", () => {
  const { clock, loop, run, accounts, totals } = loopOf(2);
  loop.enterSelf(accounts[0], clock.nowMs());
  loop.enterSelf(accounts[1], clock.nowMs());
  clock.idle(5);
  clock.work(6);
  run(accounts[1]);
  loop.leaveSelf(accounts[1], clock.nowMs());
  run(null);
  clock.work(2);
  loop.leaveSelf(accounts[0], clock.nowMs());
  expect(totals()).toEqual([
    { heldMs: 2, squaredMs: 4, overlapMs: 6 },
    { heldMs: 6, squaredMs: 36, overlapMs: 0 },
  ]);
});

test.each([null, 0])(
  "what runs after an await is never charged to a stage without continuations (context: %s)",
  (told) => {
    const { clock, loop, run, accounts, totals } = loopOf(2, 0);
    for (const account of accounts) loop.enterSelf(account, clock.nowMs());
    clock.work(6);
    run(told === null ? null : accounts[0]);
    loop.leaveSelf(accounts[1], clock.nowMs());
    clock.work(3);
    loop.leaveSelf(accounts[0], clock.nowMs());
    expect(totals()).toMatchObject([
      { heldMs: 0, overlapMs: 9 },
      { heldMs: 6, overlapMs: 0 },
    ]);
  },
);

test("a stage without continuations holds the loop in its segments", () => {
  const { clock, loop, accounts, totals } = loopOf(1, 0);
  const outside = loop.hold(accounts[0], clock.nowMs());
  clock.work(4);
  loop.release(outside, clock.nowMs());
  expect(totals()).toMatchObject([{ heldMs: 4 }]);
});

test("within a segment the context does not count", () => {
  const { clock, loop, run, accounts, totals } = loopOf(2);
  const outside = loop.hold(accounts[0], clock.nowMs());
  run(accounts[1]);
  clock.work(3);
  loop.release(outside, clock.nowMs());
  expect(totals().map(({ heldMs }) => heldMs)).toEqual([3, 0]);
});

test("where nobody works nobody is charged", () => {
  const { clock, loop, accounts, totals } = loopOf(1);
  clock.work(50);
  loop.enterSelf(accounts[0], clock.nowMs());
  clock.work(1);
  loop.leaveSelf(accounts[0], clock.nowMs());
  clock.work(50);
  const outside = loop.hold(accounts[0], clock.nowMs());
  loop.release(outside, clock.nowMs());
  expect(totals()).toEqual([{ heldMs: 1, squaredMs: 1, overlapMs: 0 }]);
});

test("work in self overlaps the segments of others, once for each worker, and never its own", () => {
  const { clock, loop, accounts, totals } = loopOf(2);
  const [waiting, holding] = accounts;
  loop.enterSelf(waiting, clock.nowMs());
  loop.enterSelf(waiting, clock.nowMs());
  for (const account of [holding, waiting]) {
    const outside = loop.hold(account, clock.nowMs());
    clock.work(4);
    loop.release(outside, clock.nowMs());
  }
  loop.leaveSelf(waiting, clock.nowMs());
  loop.leaveSelf(waiting, clock.nowMs());
  expect(totals()).toEqual([
    { heldMs: 4, squaredMs: 16, overlapMs: 8 },
    { heldMs: 4, squaredMs: 16, overlapMs: 0 },
  ]);
});

test("a moment that is told late is not charged twice", () => {
  const { clock, loop, accounts, totals } = loopOf(1);
  const startMs = clock.nowMs();
  clock.work(5);
  loop.enterSelf(accounts[0], clock.nowMs());
  const outside = loop.hold(accounts[0], startMs);
  clock.work(2);
  loop.release(outside, clock.nowMs());
  loop.leaveSelf(accounts[0], clock.nowMs());
  expect(totals()).toEqual([{ heldMs: 2, squaredMs: 4, overlapMs: 0 }]);
});

test("a moment that was read before the loop went idle does not turn idle time into work", () => {
  const { clock, loop, accounts, totals } = loopOf(1);
  loop.enterSelf(accounts[0], clock.nowMs());
  clock.work(1);
  const earlyMs = clock.nowMs();
  clock.idle(100);
  loop.enterSelf(accounts[0], earlyMs);
  expect(totals()[0]?.heldMs).toBe(0);
  clock.work(1);
  loop.leaveSelf(accounts[0], clock.nowMs());
  expect(totals()[0]?.heldMs).toBe(2);
});

type Step =
  | { readonly kind: "pass"; readonly workMs: number; readonly idleMs: number }
  | { readonly kind: "hold" | "enter" | "leave"; readonly stage: number }
  | { readonly kind: "release" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("pass" as const), workMs: fc.nat(50), idleMs: fc.nat(50) }),
  fc.record({ kind: fc.constantFrom("hold", "enter", "leave"), stage: fc.nat(2) }),
  fc.record({ kind: fc.constant("release" as const) }),
);

/** The same, told as plainly as possible: every stretch of time is divided among the stages when it passes. */
class NaiveLoop {
  readonly held = [0, 0, 0];
  readonly squared = [0, 0, 0];
  readonly overlap = [0, 0, 0];
  readonly workers = [0, 0, 0];
  readonly #holders: number[] = [];
  /** Pieces of the block that runs; the stretch that runs between two steps outside of all segments. */
  #pieces = [0, 0, 0];
  #stretchMs = 0;

  get isHeld(): boolean {
    return this.#holders.length > 0;
  }

  pass(workMs: number): void {
    const holder = this.#holders.at(-1);
    if (holder === undefined) {
      this.#stretchMs += workMs;
      return;
    }
    this.#pieces[holder] = (this.#pieces[holder] as number) + workMs;
    this.#divide(workMs, [holder]);
  }

  hold(stage: number): void {
    this.#endStretch();
    this.#holders.push(stage);
  }

  release(): void {
    this.#holders.pop();
    if (this.isHeld) return;
    const blockMs = this.#pieces.reduce((sum, ms) => sum + ms);
    for (const [stage, ms] of this.#pieces.entries()) add(this.squared, stage, ms * blockMs);
    this.#pieces = [0, 0, 0];
  }

  change(stage: number, by: 1 | -1): void {
    this.#endStretch();
    add(this.workers, stage, by);
  }

  #endStretch(): void {
    const working = [0, 1, 2].filter((stage) => (this.workers[stage] as number) > 0);
    const stretchMs = this.#stretchMs;
    this.#stretchMs = 0;
    this.#divide(stretchMs, working);
    for (const stage of working) add(this.squared, stage, (stretchMs / working.length) * stretchMs);
  }

  #divide(ms: number, among: readonly number[]): void {
    for (const stage of [0, 1, 2]) {
      const ownMs = among.includes(stage) ? ms / among.length : 0;
      add(this.held, stage, ownMs);
      add(this.overlap, stage, (this.workers[stage] as number) * (ms - ownMs));
    }
  }
}

function add(to: number[], at: number, by: number): void {
  to[at] = (to[at] as number) + by;
}

test("holds, squares and overlaps are those of a naive simulation, and never more than the loop was in use", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: "max" }), (steps) => {
      const { clock, loop, accounts, totals } = loopOf(3);
      const naive = new NaiveLoop();
      const outsides: (HoldAccount | null)[] = [];
      let usedMs = 0;
      const take = (one: Step) => {
        if (one.kind === "pass") {
          clock.work(one.workMs);
          naive.pass(one.workMs);
          usedMs += one.workMs;
          if (!naive.isHeld) clock.idle(one.idleMs);
        } else if (one.kind === "release") {
          const outside = outsides.pop();
          if (outside === undefined) return;
          loop.release(outside, clock.nowMs());
          naive.release();
        } else if (one.kind === "hold") {
          outsides.push(loop.hold(accounts[one.stage] as HoldAccount, clock.nowMs()));
          naive.hold(one.stage);
        } else if (one.kind === "enter") {
          loop.enterSelf(accounts[one.stage] as HoldAccount, clock.nowMs());
          naive.change(one.stage, 1);
        } else if ((naive.workers[one.stage] as number) > 0) {
          loop.leaveSelf(accounts[one.stage] as HoldAccount, clock.nowMs());
          naive.change(one.stage, -1);
        }
      };
      steps.forEach(take);
      while (outsides.length > 0) take({ kind: "release" });
      for (const stage of [0, 1, 2]) while ((naive.workers[stage] as number) > 0) take({ kind: "leave", stage });

      const found = totals();
      for (const stage of [0, 1, 2]) {
        expect(found[stage]?.heldMs).toBeCloseTo(naive.held[stage] as number, 6);
        expect(found[stage]?.squaredMs).toBeCloseTo(naive.squared[stage] as number, 5);
        expect(found[stage]?.overlapMs).toBeCloseTo(naive.overlap[stage] as number, 6);
      }
      expect(found.reduce((sum, { heldMs }) => sum + heldMs, 0)).toBeLessThanOrEqual(usedMs + 1e-6);
    }),
    { numRuns: 500 },
  );
});
