import { once } from "node:events";
import { PinchpointError } from "@pinchpoint/probe";
import { Piscina } from "piscina";
import { expect, test } from "vitest";
import { instrumentPiscina } from "../src/piscina.ts";
import { classesOf } from "../src/piscina-classes.ts";
import { closedGate, openGate } from "./gate.ts";
import { attach, FILE, listenersOf, newPool, outcome } from "./piscina-pools.ts";
import { countsOf, HandClock, mainRecorder, stageRow, timesMs } from "./recording.ts";

test("what Piscina refuses at once, and what cannot be posted, is refused as ever", async () => {
  const pool = newPool(1);
  const refusals = async (): Promise<readonly unknown[]> => {
    const { error: bad } = await outcome(pool.run({}, null as never));
    const { error: nameless } = await outcome(new Piscina({ minThreads: 0 }).run({}));
    const { error: uncloned } = await outcome(pool.run({ value: () => {} }));
    return [bad, nameless, uncloned].map(String);
  };
  const bare = await refusals();
  const recorder = mainRecorder();
  attach(recorder);
  expect(await refusals()).toEqual(bare);
  expect(countsOf(stageRow(recorder, FILE))).toMatchObject({ arrived: 2, errors: 2, inHand: 0 });
  expect(recorder.snapshot().losses).toEqual({});
});

test("an application that looks at its pool sees what it saw before", async () => {
  const { prototype } = Piscina;
  const { worker, taskModule } = classesOf(Piscina);
  const outside = () =>
    [prototype, worker, taskModule].map((target) =>
      Object.entries(Object.getOwnPropertyDescriptors(target)).map(([key, { value, ...flags }]) => [
        key,
        typeof value === "function" ? [value.name, value.length] : typeof value,
        flags.writable,
        flags.enumerable,
        flags.configurable,
      ]),
    );
  const sight = async () => {
    const pool = newPool(1);
    const promise = pool.run({ value: { deep: [1] } });
    const kinds = [promise instanceof Promise, Object.getPrototypeOf(promise) === Promise.prototype];
    const value = await promise;
    return [kinds, value, listenersOf(pool), pool.threads.map(listenersOf), pool.completed];
  };
  const bare = [outside(), await sight()];
  attach(mainRecorder());
  expect([outside(), await sight()]).toEqual(bare);
});

test("a rejection that nobody handles is reported once, as the same error", async () => {
  attach(mainRecorder());
  const pool = newPool(1);
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  try {
    const reported = once(process, "unhandledRejection");
    pool.run({ does: "throw", value: 5 });
    expect(await reported).toMatchObject([{ message: "refused: 5" }, expect.any(Promise)]);
  } finally {
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
});

test("detaching restores, and attaching twice is attaching once", async () => {
  const targets = [Piscina.prototype, classesOf(Piscina).worker];
  const state = () => targets.map((target) => Object.getOwnPropertyDescriptors(target));
  const bare = state();
  const recorder = mainRecorder();
  const attachment = attach(recorder);
  const once = state();
  expect(once).not.toEqual(bare);
  expect(attach(recorder)).toBe(attachment);
  expect(state()).toEqual(once);
  const pool = newPool(1);
  await pool.run({});
  attachment.detach();
  expect(state()).toEqual(bare);
  await pool.run({});
  expect(countsOf(stageRow(recorder, FILE))).toMatchObject({ arrived: 1, items: 1 });
});

test("someone else's patch that was made after ours goes on working when ours has gone", async () => {
  const { prototype } = Piscina;
  const bare = Object.getOwnPropertyDescriptor(prototype, "run") as PropertyDescriptor;
  const recorder = mainRecorder();
  const attachment = attach(recorder);
  const ours = prototype.run;
  let calls = 0;
  prototype.run = function (...args) {
    calls += 1;
    return Reflect.apply(ours, this, args);
  };
  try {
    const pool = newPool(1);
    expect(await pool.run({ value: 1 })).toBe(1);
    attachment.detach();
    expect(await pool.run({ value: 2 })).toBe(2);
    expect(calls).toBe(2);
    expect(countsOf(stageRow(recorder, FILE))).toMatchObject({ arrived: 1, items: 1 });
  } finally {
    Object.defineProperty(prototype, "run", bare);
  }
});

test("a `run` of somebody else's whose answer cannot be watched is counted as dropped", async () => {
  const { prototype } = Piscina;
  const bare = Object.getOwnPropertyDescriptor(prototype, "run") as PropertyDescriptor;
  // biome-ignore lint/suspicious/noThenProperty: a thenable is the case
  const answer = { then: (resolve: (value: string) => void) => resolve("theirs") };
  prototype.run = () => answer as never;
  try {
    const recorder = mainRecorder();
    const attachment = attach(recorder);
    expect(newPool(1).run({})).toBe(answer);
    expect(countsOf(stageRow(recorder, FILE))).toMatchObject({ arrived: 1, items: 0, dropped: 1, inHand: 0 });
    attachment.detach();
  } finally {
    Object.defineProperty(prototype, "run", bare);
  }
});

test("two recorders each record everything", async () => {
  const clocks = [new HandClock(), new HandClock()];
  const recorders = clocks.map((clock) => mainRecorder(clock));
  for (const recorder of recorders) attach(recorder);
  const pool = newPool(1);
  const gates = [closedGate(), closedGate()];
  const tasks = gates.map((gate) => pool.run({ gate }));
  for (const [at, gate] of gates.entries()) {
    for (const clock of clocks) clock.pass(10);
    openGate(gate);
    await tasks[at];
  }
  for (const recorder of recorders) expect(timesMs(stageRow(recorder, FILE))).toEqual({ self: 20 });
});

/** Recorders that cannot do their work. */
const broken = [
  ["its clock throws", () => mainRecorder({ nowMs: fails, idleMs: fails })],
  [
    "it has no room",
    () => {
      const recorder = mainRecorder();
      for (let i = 0; i < 1000; i++) recorder.openStage({ pipeline: "other", name: `stage ${i}`, role: "stage" });
      return recorder;
    },
  ],
  [
    "it throws itself",
    () => {
      const recorder = mainRecorder();
      return Object.defineProperties(recorder, { beginCall: { value: fails }, openStage: { value: fails } });
    },
  ],
] as const;

function fails(): never {
  throw new Error("no recorder");
}

test.for(broken)("a recorder is invisible when %s", async ([, brokenRecorder]) => {
  attach(brokenRecorder());
  const pool = newPool(1);
  expect(await Promise.all([1, 2, 3].map((value) => pool.run({ value })))).toEqual([1, 2, 3]);
  expect((await outcome(pool.run({ does: "throw", value: 4 }))).error).toMatchObject({ message: "refused: 4" });
});

test("a class whose workers cannot be reached is left as it is, and counted", () => {
  class Strange {
    run(): number {
      return 1;
    }
  }
  const { run } = Strange.prototype;
  const recorder = mainRecorder();
  instrumentPiscina(recorder, Strange, { pipeline: "app" });
  expect(Strange.prototype.run).toBe(run);
  expect(recorder.snapshot().losses).toEqual({ "not-patched": 1 });
});

test("a pipeline without a name is refused", () => {
  expect(() => instrumentPiscina(mainRecorder(), Piscina, { pipeline: "" })).toThrow(PinchpointError);
});
