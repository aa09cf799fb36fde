import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { expect, test } from "vitest";
import { systemClock } from "../src/clock.ts";
import { SPAN_RING_BYTES, type SpanRecord, SpanRing } from "../src/span-ring.ts";
import { fixedRandom, mainRecorder } from "./hand-clock.ts";
import { newRing, newTracer, PARENT, spanRecord } from "./kept-spans.ts";
import type { WorkerSpanning } from "./spanning-worker.ts";

const WRITE = 0;
const READ = 1;

const TERMINATIONS = 6;

const sized = (name: string, size: number): SpanRecord => spanRecord({ name, state: "é".repeat(size) });

test("what has ended is taken once, as it was", () => {
  const { ring } = newRing();
  const records = [
    spanRecord(),
    spanRecord({
      name: "评価 \ud800 ✈",
      parentSpanId: "1".repeat(16),
      state: "a=1",
      outcome: "failed",
      kind: "client",
    }),
  ];
  expect(ring.take()).toEqual([]);
  for (const record of records) expect(ring.ends(record)).toBe(true);
  expect(ring.take()).toEqual(records);
  expect(ring.take()).toEqual([]);
});

test("rings that lie in one piece of memory have nothing to do with each other", () => {
  const memory = new SharedArrayBuffer(3 * SPAN_RING_BYTES);
  const rings = [0, 1, 2].map((index) => new SpanRing(memory, index));
  const records = rings.map((_, index) => spanRecord({ name: `thread ${index}` }));
  for (const [index, ring] of rings.entries()) {
    expect(ring.ends(records[index] as SpanRecord)).toBe(true);
    while (ring.ends(sized("filler", 50_000)));
  }
  expect(rings.map((ring) => ring.take()[0])).toEqual(records);
});

/** Where the positions are at the beginning: they are Int32, and count modulo 2^32. */
const positions = [0, 2 ** 18 - 7, 2 ** 31 - 1000, 2 ** 32 - 1000, 2 ** 32 - 2 ** 18 - 1];

test.each(positions)(
  "from position %d on, records of any size come out in order, or are refused, but never torn",
  (at) => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 0, max: 3000 }).map((size) => ({ size })) },
      { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 140_000 }).map((size) => ({ size })) },
      { weight: 1, arbitrary: fc.constant("take" as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { ring, words } = newRing();
        words[WRITE] = at;
        words[READ] = at;
        let expected: SpanRecord[] = [];
        for (const [index, one] of [...steps, "take" as const].entries()) {
          if (one === "take") {
            expect(ring.take()).toEqual(expected);
            expected = [];
          } else {
            const record = sized(`span ${index}`, one.size);
            if (ring.ends(record)) expected.push(record);
          }
        }
      }),
      { seed: 5, numRuns: 40 },
    );
  },
);

test("a full ring refuses, keeps what it has, and takes again when it is emptied", () => {
  const { ring } = newRing();
  const kept: SpanRecord[] = [];
  for (let count = 0; ; count++) {
    const record = sized(`span ${count}`, 500);
    if (!ring.ends(record)) break;
    kept.push(record);
  }
  expect(kept.length * 1000).toBeGreaterThan(SPAN_RING_BYTES / 2);
  expect(ring.ends(sized("too much", 500))).toBe(false);
  expect(ring.take()).toEqual(kept);
  expect(ring.ends(sized("after", 500))).toBe(true);
  expect(ring.take().map(({ name }) => name)).toEqual(["after"]);
});

test("a record fits where it fills the ring to its last byte, and one byte more does not", () => {
  const { ring } = newRing();
  const dataBytes = SPAN_RING_BYTES - 16;
  const empty = JSON.stringify(spanRecord({ state: "" })).length + 4;
  expect(ring.ends(spanRecord({ state: "x".repeat(dataBytes - empty + 1) }))).toBe(false);
  const whole = spanRecord({ state: "x".repeat(dataBytes - empty) });
  expect(ring.ends(whole)).toBe(true);
  expect(ring.ends(spanRecord())).toBe(false);
  expect(ring.take()).toEqual([whole]);
});

test("what a thread has left open is counted once; what was refused is not open", () => {
  const { ring, words } = newRing();
  words[2] = 2 ** 31 - 2;
  words[3] = 2 ** 31 - 2;
  for (let count = 0; count < 5; count++) ring.begins();
  ring.ends(spanRecord());
  expect(ring.ends(sized("too much", SPAN_RING_BYTES))).toBe(false);
  ring.take();
  expect(ring.forgetOpen()).toBe(3);
  expect(ring.forgetOpen()).toBe(0);
});

test("a span that finds no room is counted as lost where it ended", () => {
  const recorder = mainRecorder(systemClock());
  const { tracer, ring } = newTracer();
  recorder.keepSpans(tracer, 1);
  while (ring.ends(spanRecord()));
  const span = recorder.traces.root({ name: "score", kind: "internal", atMs: 0, attributes: {} }, null);
  span?.end(1, "ok");
  expect(recorder.snapshot().losses).toEqual({ span: 1 });
});

test("terminating threads loses no span that had ended, and counts each that had not", async () => {
  const recorder = mainRecorder(systemClock());
  recorder.keepSpans(newTracer().tracer);
  const random = fixedRandom(11);
  let lostBefore = 0;
  for (let workerId = 1; workerId <= TERMINATIONS; workerId++) {
    const acknowledged = new Int32Array(new SharedArrayBuffer(12));
    const workerData: WorkerSpanning = { share: recorder.share, workerId, parent: PARENT, acknowledged };
    const worker = new Worker(new URL("./spanning-worker.ts", import.meta.url), { workerData });
    worker.once("exit", () => recorder.endThread(workerId));
    const enough = 1 + Math.floor(random() * 3000);
    const taken: SpanRecord[] = [];
    while (Atomics.load(acknowledged, 1) < enough) {
      await new Promise((resolve) => setImmediate(resolve));
      taken.push(...recorder.takeSpans());
      Atomics.store(acknowledged, 2, taken.length);
    }
    await worker.terminate();
    taken.push(...recorder.takeSpans());
    expect(recorder.takeSpans()).toEqual([]);
    const [begun = 0, ended = 0] = acknowledged;
    expect(taken.map(({ name }) => Number(name))).toEqual(taken.map((_, index) => index + 1));
    expect(taken.length - ended).toBeGreaterThanOrEqual(0);
    const lost = (recorder.snapshot().losses.span ?? 0) - lostBefore;
    lostBefore += lost;
    // The last one may have been begun and not acknowledged.
    expect([begun, begun + 1]).toContain(taken.length + lost);
  }
});
