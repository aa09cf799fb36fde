import { Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { USE } from "@pinchpoint/probe";
import { expect, test } from "vitest";
import { observe } from "./observation.ts";
import { VirtualTime } from "./virtual-time.ts";

const discard = () => new Writable({ objectMode: true, write: (_chunk, _encoding, callback) => callback() });
const MODEL = { name: "model:8080", kind: "service", capacity: null } as const;

/** Something to call, after an `await`. */
function model() {
  const time = new VirtualTime();
  const observed = observe(time.clock);
  const call = async (costMs: number) => {
    await null;
    const begun = observed.recorder.beginCall(MODEL, USE, time.clock.nowMs());
    await time.wait(costMs);
    begun?.end(time.clock.nowMs());
  };
  return { time, observed, call };
}

function calling(count: number, costMs: number, isWaitedFor: boolean) {
  const { time, observed, call } = model();
  const score = new Transform({
    objectMode: true,
    highWaterMark: 1,
    transform: (chunk, _encoding, callback) => {
      const called = call(costMs);
      if (isWaitedFor) called.then(() => callback(null, chunk));
      else time.wait(1).then(() => callback(null, chunk));
    },
  });
  const run = async () => {
    await time.until(pipeline(Readable.from(Array.from({ length: count }, (_, i) => i)), score, discard()));
    await time.pass(costMs);
    const { resourceRows } = observed.recorder.snapshot();
    const stage = observed.stages().find(({ role }) => role === "stage");
    const [row] = resourceRows;
    return { stage, useMs: Math.round((row?.useSeconds ?? 0) * 1000) };
  };
  return run();
}

/** A transform that is done at once, but from the hand-over `from` on makes a call and waits for it. */
async function turningAsynchronous(count: number, from: number) {
  const { time, observed, call } = model();
  const look = new Transform({
    objectMode: true,
    highWaterMark: 1,
    transform: (index: number, _encoding, callback) => {
      // A call that is made at once is its own in any case.
      observed.recorder.beginCall({ ...MODEL, name: "cache" }, USE, time.clock.nowMs())?.end(time.clock.nowMs());
      if (index < from) callback(null, index);
      else call(6).then(() => callback(null, index));
    },
  });
  await time.until(pipeline(Readable.from(Array.from({ length: count }, (_, i) => i)), look, discard()));
  const { resources, resourceRows } = observed.recorder.snapshot();
  return Object.fromEntries(
    resources.map(({ id, name }) => [name, resourceRows.find(({ resource }) => resource === id)?.uses]),
  );
}

test("a transform that was done at once a hundred times loses the late calls of one hand-over at most", async () => {
  expect(await turningAsynchronous(110, 50)).toEqual({ cache: 110, [MODEL.name]: 60 });
  expect(await turningAsynchronous(220, 150)).toEqual({ cache: 220, [MODEL.name]: 69 });
});

/** A source that pushes at once, but from the item `from` on makes a call first and waits for it. */
async function sourceTurningAsynchronous(count: number, from: number) {
  const { time, observed, call } = model();
  let made = 0;
  const read = new Readable({
    objectMode: true,
    highWaterMark: 1,
    read() {
      const index = made++;
      if (index === count) this.push(null);
      else if (index < from) this.push(index);
      else call(6).then(() => this.push(index));
    },
  });
  await time.until(pipeline(read, discard()));
  const { resourceRows } = observed.recorder.snapshot();
  return resourceRows[0]?.uses;
}

test("a source that pushed at once a hundred times loses the late calls of one read at most", async () => {
  expect(await sourceTurningAsynchronous(110, 50)).toBe(60);
  expect(await sourceTurningAsynchronous(220, 150)).toBe(69);
});

test("what a transform calls and waits for is its use of that, across awaits", async () => {
  const { stage, useMs } = await calling(10, 6, true);
  expect(useMs).toBe(60);
  expect(stage?.ms.use).toBe(60);
  expect(stage?.ms.self ?? 0).toBe(0);
});

test("what it does not wait for is charged to it all the same, and leaves its own states alone", async () => {
  const { stage, useMs } = await calling(10, 20, false);
  expect(useMs).toBe(200);
  expect((stage?.ms.self ?? 0) + (stage?.ms.use ?? 0)).toBe(10);
});
