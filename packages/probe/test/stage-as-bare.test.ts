import { AsyncLocalStorage } from "node:async_hooks";
import { expect, test } from "vitest";
import { openPipeline, type StageDeclaration } from "../src/pipeline.ts";
import type { Resource, Stage } from "../src/pipeline-stage.ts";
import { Recorder } from "../src/recorder.ts";
import { HandClock, mainRecorder, stageRow, workersNow } from "./hand-clock.ts";

/** What the application sees must be the same with a recorder and without one. */
interface Ways {
  readonly stage: Stage;
  readonly table: Resource;
  /** Workers that are left in some state; nothing that has ended may leave any. */
  readonly left: () => object;
}

function ways(): [name: string, open: () => Ways][] {
  const declare = (recorder: Recorder | null, declaration: StageDeclaration = {}): Ways => {
    const pipeline = openPipeline(recorder, "p");
    return {
      stage: pipeline.stage("score", declaration),
      table: pipeline.resource("table", { kind: "service" }),
      left: () => (recorder === null ? {} : workersNow(stageRow(recorder.snapshot(), "score"))),
    };
  };
  return [
    ["without a recorder", () => declare(null)],
    ["with a recorder", () => declare(mainRecorder(new HandClock()))],
    ["without an ambient context", () => declare(mainRecorder(new HandClock()), { context: "synchronous" })],
    ["after many synchronous runs", () => inHabit(declare(mainRecorder(new HandClock())))],
    ["counted only", () => inHabit(declare(pacedRecorder(0)))],
    ["too fast to be timed", () => inHabit(declare(pacedRecorder(1)))],
  ];
}

function pacedRecorder(timedPerSecond: number): Recorder {
  const identity = { name: "main", osThreadId: null, workerId: 0 };
  return Recorder.forProcess(new HandClock(), identity, { timedPerSecond, atTurnEnd: () => {} });
}

function inHabit(ways: Ways): Ways {
  for (let run = 0; run < 1000; run++) ways.stage.run(() => run);
  return ways;
}

const calls: [string, (ways: Ways, work: () => unknown) => unknown][] = [
  ["run", ({ stage }, work) => stage.run(work)],
  ["push", ({ stage }, work) => stage.push(work)],
  ["wait", ({ stage, table }, work) => stage.wait(table, work)],
  ["use", ({ stage, table }, work) => stage.use(table, work)],
  ["use of what is no resource", ({ stage }, work) => stage.use(undefined as never, work)],
  ["wait for what is no resource", ({ stage }, work) => stage.wait("table" as never, work)],
  ["run within run", ({ stage }, work) => stage.run(() => stage.run(work))],
  [
    "use within wait within run",
    ({ stage, table }, work) => stage.run(() => stage.wait(table, () => stage.use(table, work))),
  ],
];

for (const [way, open] of ways()) {
  test.each(calls)(`${way}, %s gives back what the work gave`, async (_, call) => {
    const opened = open();
    const result = { some: "thing" };
    const error = new Error("mine");
    expect(call(opened, () => result)).toBe(result);
    expect(() =>
      call(opened, () => {
        throw error;
      }),
    ).toThrow(error);
    expect(await call(opened, () => Promise.resolve(result))).toBe(result);
    await expect(call(opened, () => Promise.reject(error))).rejects.toBe(error);
    expect(opened.left()).toEqual({});
  });

  test(`${way}, a unit takes any outcome, and a second end changes nothing`, () => {
    const { stage, left } = open();
    const outcomes = [undefined, null, {}, { error: null }, { error: new Error("mine") }, { error: 0 }];
    for (const outcome of outcomes) {
      const unit = stage.start();
      unit.end(outcome as never);
      unit.end();
    }
    expect(left()).toEqual({});
  });

  test(`${way}, pull gives every item of whatever for await takes`, async () => {
    const { stage, left } = open();
    const inputs: (AsyncIterable<unknown> | Iterable<unknown>)[] = [
      [1, 2],
      "ab",
      new Set([1]),
      [Promise.resolve(1), 2] as Iterable<unknown>,
      (async function* () {
        yield 1;
        yield 2;
      })(),
    ];
    const pulled: unknown[] = [];
    for (const input of inputs) for await (const item of stage.pull(input)) pulled.push(item);
    expect(pulled).toEqual([1, 2, "a", "b", 1, 1, 2, 1, 2]);
    expect(left()).toEqual({});
  });

  test(`${way}, leaving the loop closes the source, and its errors come through`, async () => {
    const { stage, left } = open();
    const seen: string[] = [];
    const error = new Error("the topic is gone");
    async function* source() {
      try {
        yield "first";
        yield "second";
        throw error;
      } finally {
        seen.push("closed");
      }
    }
    for await (const item of stage.pull(source())) {
      seen.push(item);
      break;
    }
    expect(seen).toEqual(["first", "closed"]);
    const all = async () => {
      for await (const item of stage.pull(source())) seen.push(item);
    };
    await expect(all()).rejects.toBe(error);
    expect(seen).toEqual(["first", "closed", "first", "second", "closed"]);
    expect(left()).toEqual({});
  });

  test(`${way}, an iterator's own methods are called on it, with what they were given`, async () => {
    const { stage } = open();
    const called: unknown[] = [];
    const iterator = {
      next(...args: unknown[]) {
        called.push(["next", this === iterator, args]);
        return Promise.resolve({ done: false as const, value: 1 });
      },
      return(...args: unknown[]) {
        called.push(["return", this === iterator, args]);
        return Promise.resolve({ done: true as const, value: args[0] });
      },
      throw(...args: unknown[]) {
        called.push(["throw", this === iterator, args]);
        return Promise.reject(args[0]);
      },
    };
    const pulled = stage.pull({ [Symbol.asyncIterator]: () => iterator })[Symbol.asyncIterator]();
    const error = new Error("mine");
    expect(await pulled.next()).toEqual({ done: false, value: 1 });
    expect(await pulled.return?.(5)).toEqual({ done: true, value: 5 });
    await pulled.return?.();
    await expect(pulled.throw?.(error)).rejects.toBe(error);
    expect(called).toEqual([
      ["next", true, []],
      ["return", true, [5]],
      ["return", true, []],
      ["throw", true, [error]],
    ]);
  });

  test(`${way}, a source that cannot be closed or thrown at stays so`, () => {
    const iterator = { next: () => Promise.resolve({ done: true as const, value: undefined }) };
    const pulled = open()
      .stage.pull({ [Symbol.asyncIterator]: () => iterator })
      [Symbol.asyncIterator]();
    expect([pulled.return, pulled.throw]).toEqual([undefined, undefined]);
  });

  test(`${way}, the application's own async context goes through`, async () => {
    const { stage, table } = open();
    const context = new AsyncLocalStorage<string>();
    const seen = await context.run("request 7", () =>
      stage.run(async () => {
        await null;
        return stage.use(table, async () => {
          await null;
          return context.getStore();
        });
      }),
    );
    expect(seen).toBe("request 7");
  });
}
