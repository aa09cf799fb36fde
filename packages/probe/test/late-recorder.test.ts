import { expect, test, vi } from "vitest";
import { attachOnce } from "../src/integration.ts";
import { LateRecorder } from "../src/late-recorder.ts";
import { Recorder } from "../src/recorder.ts";
import { MAX_THREADS } from "../src/slot-memory.ts";
import { HandClock, mainRecorder } from "./hand-clock.ts";

const WORKER = { name: "worker 1", osThreadId: 101, workerId: 1 };

test("a thread has its slot before it has a recorder, and is told to record", () => {
  const main = mainRecorder(new HandClock());
  let made = 0;
  const late = LateRecorder.claim(main.share, WORKER, (claimed) => {
    made += 1;
    return Recorder.forClaimed(claimed, new HandClock());
  });
  expect(main.hasThread(1)).toBe(true);
  expect(main.snapshot().threads.map(({ name }) => name)).toEqual(["main", "worker 1"]);
  expect(made).toBe(0);
  const recorder = late?.now();
  expect(late?.now()).toBe(recorder);
  expect(made).toBe(1);
});

test("what a late recorder records is in the slot that was claimed", () => {
  const time = new HandClock();
  const main = mainRecorder(time);
  const late = LateRecorder.claim(main.share, WORKER, (claimed) => Recorder.forClaimed(claimed, time));
  late?.now()?.openStage({ pipeline: "p", name: "decode", role: "stage" });
  const { threads, stageRows } = main.snapshot();
  expect(threads).toHaveLength(2);
  expect(stageRows.map(({ thread }) => thread)).toEqual([late?.now()?.slot]);
});

test("a recorder that cannot be made is counted, tried a few times, and then no more", () => {
  const main = mainRecorder(new HandClock());
  let tries = 0;
  const late = LateRecorder.claim(main.share, WORKER, () => {
    tries += 1;
    throw new Error("no file may be read");
  });
  for (let asked = 0; asked < 10; asked++) expect(late?.now()).toBeNull();
  expect(tries).toBe(3);
  expect(main.snapshot().losses).toEqual({ "not-patched": 3 });
});

test("a recorder that can be made the second time is there from then on", () => {
  const main = mainRecorder(new HandClock());
  let tries = 0;
  const late = LateRecorder.claim(main.share, WORKER, (claimed) => {
    tries += 1;
    if (tries === 1) throw new Error("not now");
    return Recorder.forClaimed(claimed, new HandClock());
  });
  expect(late?.now()).toBeNull();
  expect(late?.now()).toBeInstanceOf(Recorder);
});

test("what is attached for a late recorder is attached for the one that it makes, also by another copy of the code", async () => {
  const main = mainRecorder(new HandClock());
  const late = LateRecorder.claim(main.share, WORKER, (claimed) => Recorder.forClaimed(claimed, new HandClock()));
  let attached = 0;
  const integration = {
    name: "counted",
    attach: () => {
      attached += 1;
      return { detach: () => {} };
    },
  };
  const target = {};
  const first = attachOnce(integration, target, late as LateRecorder);
  vi.resetModules();
  const copy = await import("../src/integration.ts");
  expect(copy.attachOnce).not.toBe(attachOnce);
  expect(copy.attachOnce(integration, target, late?.now() as Recorder)).toBe(first);
  expect(attached).toBe(1);
});

test("where memory is not shared, or all slots are taken, there is none", () => {
  const make = () => {
    throw new Error("nothing to make it for");
  };
  expect(LateRecorder.claim({ arena: null, spans: null, messages: null }, WORKER, make)).toBeNull();
  const main = mainRecorder(new HandClock());
  for (let workerId = 1; workerId < MAX_THREADS; workerId++) {
    expect(LateRecorder.claim(main.share, { ...WORKER, workerId }, make)).not.toBeNull();
  }
  expect(LateRecorder.claim(main.share, { ...WORKER, workerId: MAX_THREADS }, make)).toBeNull();
  expect(main.snapshot().losses).toEqual({ "thread-limit": 1 });
});
