import { expect, test } from "vitest";
import { bucketOfMs } from "../src/duration-buckets.ts";
import { openPipeline } from "../src/pipeline.ts";
import type { Resource, Stage } from "../src/pipeline-stage.ts";
import { MAX_ROWS } from "../src/slab.ts";
import type { Snapshot, StageRow } from "../src/snapshot.ts";
import { HandClock, mainRecorder, resourceRow, stageRow, timesMs, total, workersNow } from "./hand-clock.ts";

interface Scene {
  readonly clock: HandClock;
  readonly stage: Stage;
  readonly table: Resource;
  readonly lock: Resource;
  readonly snapshot: () => Snapshot;
  readonly row: () => StageRow;
  readonly times: () => object;
  readonly now: () => object;
}

function scene(): Scene {
  const clock = new HandClock();
  const recorder = mainRecorder(clock);
  const pipeline = openPipeline(recorder, "p");
  const row = () => stageRow(recorder.snapshot(), "score");
  return {
    clock,
    stage: pipeline.stage("score"),
    table: pipeline.resource("table", { kind: "service", capacity: 16 }),
    lock: pipeline.resource("lock", { kind: "lock" }),
    snapshot: () => recorder.snapshot(),
    row,
    times: () => timesMs(row()),
    now: () => workersNow(row()),
  };
}

/** Something that the test settles by hand. */
function pending<T = void>() {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  return { promise, resolve, reject, work: () => promise };
}

/** Until everything that is ready to run has run. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("synchronous work is self, and holds the loop", () => {
  const { clock, stage, row, times } = scene();
  stage.run(() => clock.work(8));
  expect(times()).toEqual({ self: 8 });
  const { loopHeldSeconds, units, arrived, items, emitted, errors, duration } = row();
  expect(loopHeldSeconds).toBe(0.008);
  expect({ units, arrived, items, emitted, errors }).toEqual({ units: 1, arrived: 1, items: 1, emitted: 1, errors: 0 });
  expect(duration.counts[bucketOfMs(8)]).toBe(1);
});

test("asynchronous work is self until its promise settles", async () => {
  const { clock, stage, now, times, row } = scene();
  const model = pending();
  const done = stage.run(model.work, { items: 64 });
  clock.idle(30);
  expect(now()).toEqual({ self: 1 });
  expect(row()).toMatchObject({ arrived: 64, items: 0 });
  model.resolve();
  await done;
  expect(times()).toEqual({ self: 30 });
  expect(now()).toEqual({});
  expect(row()).toMatchObject({ units: 1, items: 64, emitted: 64, loopHeldSeconds: 0 });
});

test("work that fails is counted with its items, and emits nothing", async () => {
  const { clock, stage, row, times } = scene();
  const error = new Error("mine");
  const fail = () => {
    clock.work(5);
    throw error;
  };
  expect(() => stage.run(fail, { items: 3 })).toThrow(error);
  await expect(stage.run(async () => fail(), { items: 4 })).rejects.toBe(error);
  expect(row()).toMatchObject({ units: 2, arrived: 7, items: 0, errors: 7, emitted: 0 });
  expect(total(row().duration.counts)).toBe(0);
  expect(times()).toEqual({ self: 10 });
});

test("each call is a worker of its own, whoever ends first", async () => {
  const { clock, stage, now, times, row } = scene();
  const models = [pending(), pending(), pending()] as const;
  const done = models.map((model) => stage.run(model.work));
  expect(now()).toEqual({ self: 3 });
  for (const at of [2, 0, 1] as const) {
    clock.idle(10);
    models[at].resolve();
    await done[at];
  }
  expect(times()).toEqual({ self: 30 + 20 + 10 });
  expect(row().units).toBe(3);
});

test.each([
  ["as many as came in", undefined, 5],
  ["what the function says", (result: number[]) => result.length, 2],
  ["none", () => 0, 0],
  ["as many as came in where the function fails", () => Number.parseInt("none", 10), 5],
  [
    "as many as came in where the function throws",
    () => {
      throw new Error("mine");
    },
    5,
  ],
  ["as many as came in where it is negative", () => -1, 5],
] as const)("a hand-over emits %s", async (_, emitted, expected) => {
  const { stage, row } = scene();
  const options = emitted === undefined ? { items: 5 } : { items: 5, emitted };
  expect(stage.run(() => [7, 8], options)).toEqual([7, 8]);
  expect(await stage.run(async () => [7, 8], options)).toEqual([7, 8]);
  expect(row()).toMatchObject({ items: 10, emitted: 2 * expected });
});

test.each([
  ["zero", 0, 0],
  ["a batch", 2000, 2000],
  ["no number", Number.NaN, 1],
  ["negative", -3, 1],
  ["endless", Number.POSITIVE_INFINITY, 1],
  ["of another type", 5n as never, 1],
])("a hand-over whose items are %s", (_, items, counted) => {
  const { stage, row } = scene();
  stage.run(() => {}, { items });
  stage.start({ items }).end();
  expect(row()).toMatchObject({ units: 2, arrived: 2 * counted, items: 2 * counted, emitted: 2 * counted });
});

test("a unit works from its start to its end, once", () => {
  const { clock, stage, row, times, now } = scene();
  const unit = stage.start({ items: 3 });
  clock.idle(20);
  expect(now()).toEqual({ self: 1 });
  unit.end();
  clock.idle(20);
  unit.end({ error: new Error("too late") });
  stage.start().end({ error: new Error("mine") });
  stage.start().end({ error: null });
  expect(times()).toEqual({ self: 20 });
  expect(row()).toMatchObject({ units: 3, arrived: 5, items: 4, errors: 1, emitted: 4 });
});

test("pull is starved while the next item is pending", async () => {
  const { clock, stage, now, times } = scene();
  const first = pending<string>();
  const input = (async function* () {
    yield await first.promise;
  })();
  const seen: string[] = [];
  const loop = (async () => {
    for await (const item of stage.pull(input)) {
      seen.push(item);
      expect(now()).toEqual({});
      clock.work(5);
    }
  })();
  clock.idle(40);
  expect(now()).toEqual({ starved: 1 });
  first.resolve("item");
  await loop;
  expect(seen).toEqual(["item"]);
  expect(times()).toEqual({ starved: 40 });
  expect(now()).toEqual({});
});

test("waiting within run takes the worker from self to wait and back, also after an await", async () => {
  const { clock, stage, table, now, times, snapshot } = scene();
  const [before, pool, after] = [pending(), pending(), pending()];
  const done = stage.run(async () => {
    await before.promise;
    await stage.wait(table, pool.work);
    await after.promise;
  });
  clock.idle(1);
  before.resolve();
  await turn();
  expect(now()).toEqual({ wait: 1 });
  clock.idle(20);
  pool.resolve();
  await turn();
  expect(now()).toEqual({ self: 1 });
  clock.idle(300);
  after.resolve();
  await done;
  expect(times()).toEqual({ self: 301, wait: 20 });
  expect(resourceRow(snapshot(), "score", "table")).toMatchObject({
    waitSeconds: 0.02,
    wait: { sumSeconds: 0.02 },
    uses: 0,
  });
});

test("handing on beside other workers' run leaves those in self", async () => {
  const { clock, stage, now, times } = scene();
  const [model, output] = [pending(), pending()];
  const running = stage.run(model.work);
  const pushing = stage.push(output.work);
  clock.idle(10);
  expect(now()).toEqual({ self: 1, blocked: 1 });
  model.resolve();
  await running;
  clock.idle(5);
  expect(now()).toEqual({ blocked: 1 });
  output.resolve();
  await pushing;
  expect(now()).toEqual({});
  expect(times()).toEqual({ self: 10, blocked: 15 });
});

test("the service time of a hand-over is without what it was blocked", async () => {
  const { clock, stage, row, times } = scene();
  stage.run(() => {
    clock.work(4);
    stage.push(() => clock.work(100));
    clock.work(5);
    stage.push(() => clock.work(200));
  });
  const output = pending();
  const done = stage.run(() => stage.push(output.work));
  clock.idle(50);
  output.resolve();
  await done;
  expect(times()).toEqual({ self: 9, blocked: 350 });
  expect(row().duration.sumSeconds).toBe(0.009);
});

test("a worker that is in several places at once is in one state, and back in self after the last", async () => {
  const { clock, stage, table, lock, now, times } = scene();
  const [connection, key, query, output] = [pending(), pending(), pending(), pending()];
  const done = stage.run(() =>
    Promise.all([
      stage.use(table, query.work),
      stage.wait(table, connection.work),
      stage.wait(lock, key.work),
      stage.push(output.work),
    ]),
  );
  const steps: [settled: { resolve: () => void } | null, ms: number, state: object][] = [
    [null, 1, { blocked: 1 }],
    [connection, 10, { blocked: 1 }],
    [output, 100, { use: 1 }],
    [query, 1000, { wait: 1 }],
  ];
  for (const [settled, ms, state] of steps) {
    settled?.resolve();
    await turn();
    expect(now()).toEqual(state);
    clock.idle(ms);
  }
  key.resolve();
  await done;
  expect(times()).toEqual({ blocked: 11, use: 100, wait: 1000 });
  expect(now()).toEqual({});
});

test("a wait within use, outside of run, is one worker", async () => {
  const { clock, stage, table, lock, times, snapshot } = scene();
  const held = pending();
  const done = stage.use(table, async () => {
    clock.work(2);
    await stage.wait(lock, held.work);
    clock.work(3);
  });
  clock.idle(10);
  held.resolve();
  await done;
  expect(times()).toEqual({ use: 5, wait: 10 });
  expect(resourceRow(snapshot(), "score", "table")).toMatchObject({ uses: 1, useSeconds: 0.015, inUse: 0 });
  expect(resourceRow(snapshot(), "score", "lock")).toMatchObject({ uses: 0, waitSeconds: 0.01 });
});

test("what a hand-over leaves behind does not count for it once it has ended", async () => {
  const { clock, stage, table, times, now } = scene();
  const [left, later] = [pending(), pending()];
  const behind: Promise<unknown>[] = [];
  stage.run(() => {
    behind.push(stage.wait(table, left.work));
    behind.push(later.promise.then(() => stage.wait(table, () => clock.idle(7))));
  });
  expect(now()).toEqual({});
  clock.idle(10);
  left.resolve();
  later.resolve();
  await Promise.all(behind);
  expect(now()).toEqual({});
  expect(times()).toEqual({ wait: 7 });
});

test("another stage's work within run is that stage's own", async () => {
  const clock = new HandClock();
  const recorder = mainRecorder(clock);
  const pipeline = openPipeline(recorder, "p");
  const [outer, inner] = [pipeline.stage("outer"), pipeline.stage("inner")];
  outer.run(() => {
    clock.work(1);
    inner.run(() => {
      clock.work(10);
      outer.push(() => clock.work(100));
    });
  });
  const snapshot = recorder.snapshot();
  expect(timesMs(stageRow(snapshot, "outer"))).toEqual({ self: 11, blocked: 100 });
  expect(timesMs(stageRow(snapshot, "inner"))).toEqual({ self: 110 });
  expect(stageRow(snapshot, "outer").loopHeldSeconds).toBe(0.001);
  expect(stageRow(snapshot, "inner").loopHeldSeconds).toBe(0.11);
});

test("durations are kept for each resource, and a use that fails is a use", async () => {
  const { clock, stage, table, lock, snapshot, times } = scene();
  const error = new Error("mine");
  stage.wait(table, () => clock.idle(2));
  stage.use(table, () => clock.work(30));
  const fail = () => {
    clock.work(400);
    throw error;
  };
  expect(() => stage.use(lock, fail)).toThrow(error);
  const [table1, lock1] = ["table", "lock"].map((name) => resourceRow(snapshot(), "score", name));
  expect(table1).toMatchObject({ uses: 1, waitSeconds: 0.002, useSeconds: 0.03 });
  expect(table1?.wait.counts[bucketOfMs(2)]).toBe(1);
  expect(table1?.use.counts[bucketOfMs(30)]).toBe(1);
  expect(lock1).toMatchObject({ uses: 1, waitSeconds: 0, useSeconds: 0.4 });
  expect(times()).toEqual({ wait: 2, use: 430 });
});

test("a resource for which there is no room is counted once, and its time is kept for the stage", () => {
  const { clock, stage, snapshot, times } = scene();
  const pipeline = openPipeline(null, "p");
  const resources = Array.from({ length: MAX_ROWS + 6 }, (_, at) => pipeline.resource(`table ${at}`, { kind: "lock" }));
  for (const resource of [...resources, ...resources]) stage.wait(resource, () => clock.idle(1));
  expect(snapshot().resourceRows).toHaveLength(MAX_ROWS - 1);
  expect(snapshot().losses).toEqual({ "stage-limit": 7 });
  expect(times()).toEqual({ wait: 2 * (MAX_ROWS + 6) });
});

test("a batch reads the clock as often as a single item does: once where it begins, and once where it ends", () => {
  const clock = new HandClock();
  let readings = 0;
  const counting = {
    nowMs: () => {
      readings += 1;
      return clock.nowMs();
    },
    idleMs: clock.idleMs,
  };
  const stage = openPipeline(mainRecorder(counting), "p").stage("score");
  const readBy = (items: number) => {
    const before = readings;
    stage.run(() => clock.work(1), { items });
    return readings - before;
  };
  readBy(1);
  expect([readBy(1), readBy(64)]).toEqual([2, 2]);
});
