import { expect, test } from "vitest";
import { type Allocation, ARENA_BYTES } from "../src/arena.ts";
import { MESSAGE_LANES_BYTES } from "../src/message-lanes.ts";
import { Recorder } from "../src/recorder.ts";
import { MAX_THREADS } from "../src/slot-memory.ts";
import { SPAN_RING_BYTES } from "../src/span-ring.ts";
import { SELF } from "../src/state-clock.ts";
import { HandClock, stageRow, timesMs } from "./hand-clock.ts";

const MAIN = { name: "main", osThreadId: 7, workerId: 0 };
const WORKER = { name: "w", osThreadId: null, workerId: 1 };
const own = (bytes: number) => new ArrayBuffer(bytes);
const refused = (): never => {
  throw new RangeError("Array buffer allocation failed");
};

function recordsInMain(allocation: Allocation) {
  const clock = new HandClock();
  const recorder = Recorder.forProcess(clock, MAIN, {}, allocation);
  const stage = recorder.openStage({ pipeline: "p", name: "score", role: "stage" });
  stage?.enter(SELF, 0);
  clock.work(10);
  stage?.leave(SELF, 10);
  stage?.finished(1, 10);
  const row = stageRow(recorder.snapshot(), "score");
  expect(row.units).toBe(1);
  expect(timesMs(row)).toEqual({ self: 10 });
  expect(recorder.takeSpans()).toEqual([]);
  return recorder;
}

test("where memory cannot be shared, the main thread records into its own, and workers do not", () => {
  const recorder = recordsInMain({ shared: refused, own });
  expect(recorder.share).toEqual({ arena: null, spans: null, messages: null });
  expect(Recorder.forWorker(recorder.share, new HandClock(), WORKER)).toBeNull();
  // A worker of another thread's process would get copies; there is nothing to copy.
  expect(structuredClone(recorder.share)).toEqual({ arena: null, spans: null, messages: null });
});

test("where there is less memory than is wanted, less is taken, and workers record", () => {
  const sizes: number[] = [];
  const shared = (bytes: number) => {
    sizes.push(bytes);
    return bytes < ARENA_BYTES / 2 ? new SharedArrayBuffer(bytes) : refused();
  };
  const recorder = recordsInMain({ shared, own });
  const worker = Recorder.forWorker(recorder.share, new HandClock(), WORKER);
  worker?.openStage({ pipeline: "p", name: "score", role: "stage" })?.finished(1, 1);
  expect(stageRow(recorder.snapshot(), "score", 1).units).toBe(1);
  expect(sizes[0]).toBe(ARENA_BYTES);
});

test("rings of spans are asked for in one piece, whose pages nobody touches before they are written", () => {
  const sizes: number[] = [];
  const shared = (bytes: number) => {
    sizes.push(bytes);
    return new SharedArrayBuffer(bytes);
  };
  recordsInMain({ shared, own });
  expect(sizes).toEqual([ARENA_BYTES, MAX_THREADS * SPAN_RING_BYTES, MESSAGE_LANES_BYTES]);
});

test("where the rings of spans find no memory, workers record without spans", () => {
  const shared = (bytes: number) => (bytes < ARENA_BYTES / 2 ? refused() : new SharedArrayBuffer(bytes));
  const recorder = recordsInMain({ shared, own });
  const worker = Recorder.forWorker(recorder.share, new HandClock(), WORKER) as Recorder;
  worker.keepSpansFor(() => refused());
  worker.openStage({ pipeline: "p", name: "score", role: "stage" })?.finished(1, 1);
  recorder.endThread(1);
  expect(stageRow(recorder.snapshot(), "score", 1).units).toBe(1);
});

test("where SharedArrayBuffer is missing, nothing throws", () => {
  const { SharedArrayBuffer: shared } = globalThis;
  try {
    Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
    const recorder = Recorder.forProcess(new HandClock(), MAIN);
    expect(recorder.share.arena).toBeNull();
    recorder.openStage({ pipeline: "p", name: "score", role: "stage" })?.finished(1, 1);
    expect(stageRow(recorder.snapshot(), "score").units).toBe(1);
  } finally {
    globalThis.SharedArrayBuffer = shared;
  }
});
