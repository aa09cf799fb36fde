import { getHeapStatistics } from "node:v8";
import { expect, test, vi } from "vitest";
import { Exemplars } from "../src/exemplar.ts";
import { openPipeline } from "../src/pipeline.ts";
import { textOfContext } from "../src/trace-context.ts";
import { HandClock, mainRecorder } from "./hand-clock.ts";
import { newTracer, PARENT, SPAN_ID, spanRecord, TRACE_ID, UNSAMPLED } from "./kept-spans.ts";

/** A stage that begins a trace of its own once in an hour: at its first hand-over. */
const RARELY = 1 / 3600;

function scene({ rootShare = 1, perSecond = RARELY } = {}) {
  const clock = new HandClock();
  const recorder = mainRecorder(clock);
  const { tracer, ring } = newTracer({ rootShare });
  recorder.keepSpans(tracer, perSecond);
  const pipeline = openPipeline(recorder, "p");
  const stage = pipeline.stage("score");
  /** One hand-over that takes so long; with what it did not, it fails. */
  const unit = (ms: number, options: { readonly parent?: string; readonly fails?: boolean } = {}) => {
    const { fails = false, ...rest } = options;
    try {
      stage.run(
        () => {
          clock.work(ms);
          if (fails) throw new Error("of the application");
        },
        { items: ms, ...rest },
      );
    } catch {
      // It is the application's.
    }
  };
  const { traces } = recorder;
  const told = () => {
    traces.closeLastWindow();
    return ring.take().map(({ startMs, endMs, outcome, parentSpanId, attributes }) => {
      return { startMs, endMs, outcome, parentSpanId, why: attributes["pinchpoint.exemplar"] };
    });
  };
  return { clock, recorder, stage, other: pipeline.stage("store"), unit, told, ring, traces };
}

test("of each second the slowest hand-over is a span after the fact, from its beginning to its end", () => {
  const { unit, told, clock } = scene();
  for (const ms of [1, 5, 30, 10]) unit(ms);
  clock.idle(1000);
  for (const ms of [2, 7]) unit(ms);
  expect(told()).toEqual([
    // The head has begun a trace for the first.
    { startMs: 0, endMs: 1, outcome: "ok", parentSpanId: null, why: undefined },
    { startMs: 6, endMs: 36, outcome: "ok", parentSpanId: null, why: "slowest" },
    { startMs: 1048, endMs: 1055, outcome: "ok", parentSpanId: null, why: "slowest" },
  ]);
});

test("it has its stage's name and attributes, and how many items it has", () => {
  const { unit, ring, traces } = scene();
  unit(1);
  unit(8);
  traces.closeLastWindow();
  expect(ring.take()[1]).toMatchObject({
    name: "score",
    kind: "internal",
    attributes: {
      "pinchpoint.pipeline.name": "p",
      "pinchpoint.stage.name": "score",
      "pinchpoint.items": 8,
      "pinchpoint.exemplar": "slowest",
    },
  });
});

test("each stage has its own, and each second too", () => {
  const { clock, stage, other, ring, traces } = scene();
  for (let second = 0; second < 3; second++) {
    for (const [one, ms] of [
      [stage, 20],
      [other, 3],
      [other, 4],
    ] as const) {
      one.run(() => clock.work(ms));
    }
    clock.idle(1000);
  }
  traces.closeLastWindow();
  const late = ring.take().filter(({ attributes }) => attributes["pinchpoint.exemplar"] !== undefined);
  expect(late.map(({ name, startMs, endMs }) => [name, endMs - startMs])).toEqual([
    ["store", 4],
    ["score", 20],
    ["store", 4],
    ["score", 20],
    ["store", 4],
  ]);
});

test("the first three that fail in a second are spans, and no more", () => {
  const { unit, told, clock } = scene();
  unit(1);
  for (let count = 0; count < 10; count++) unit(2, { fails: true });
  clock.idle(1000);
  unit(3, { fails: true });
  const failed = told().filter(({ why }) => why === "failed");
  expect(failed.map(({ startMs, outcome }) => [startMs, outcome])).toEqual([
    [1, "failed"],
    [3, "failed"],
    [5, "failed"],
    [1021, "failed"],
  ]);
});

test("a slowest hand-over that has a span already is not told twice", () => {
  const { unit, told } = scene();
  unit(50);
  unit(1);
  unit(40, { parent: PARENT });
  expect(told().map(({ why, endMs }) => [why, endMs])).toEqual([
    [undefined, 50],
    [undefined, 91],
  ]);
});

test("nothing comes of a second that is not over, until somebody closes it", () => {
  const { unit, ring, traces, clock } = scene();
  for (const ms of [1, 9]) unit(ms);
  ring.take();
  clock.idle(900);
  traces.closeWindow(910);
  expect(ring.take()).toEqual([]);
  clock.idle(200);
  traces.closeWindow(1110);
  expect(ring.take()).toHaveLength(1);
  traces.closeWindow(5000);
  traces.closeLastWindow();
  expect(ring.take()).toEqual([]);
});

test("what the sampler does not keep is not told, slow or failed", () => {
  const { unit, told } = scene({ rootShare: 0 });
  for (const ms of [1, 9]) unit(ms);
  unit(3, { fails: true });
  expect(told()).toEqual([]);
});

test("a hand-over of a trace that is not to be kept is none, nor is what it begins, in this turn and after", async () => {
  const { stage, other, told, clock, unit, recorder } = scene();
  const parent = textOfContext(UNSAMPLED);
  unit(9, { parent });
  unit(9, { parent, fails: true });
  await stage.run(
    async () => {
      other.run(() => clock.work(7));
      expect(recorder.traces.root({ ...stageStart(), name: "task" }, null)?.context).toBeNull();
      await null;
      other.run(() => clock.work(8));
    },
    { parent },
  );
  // What is handed on says so too.
  const item = {};
  recorder.traces.carry(item, recorder.traces.child(stageStart(), UNSAMPLED));
  expect(recorder.traces.carriedBy(item)).toMatchObject({ isSampled: false });
  expect(told()).toEqual([]);
});

const stageStart = () => ({ name: "score", kind: "internal", atMs: 0, attributes: {} }) as const;

test("one of many that have a trace in common is a child of that trace", () => {
  const { recorder, ring, traces } = scene();
  const row = recorder.openStage({ pipeline: "p", name: "chunks", role: "stage" });
  const parent = { traceId: TRACE_ID, spanId: SPAN_ID, isSampled: true, state: "" };
  const origin = { parent, start: null };
  for (const atMs of [0, 10, 20]) {
    const span = traces.oneOfMany(row?.spanStart(atMs, 1) ?? stageStart(), parent);
    row?.ends(span, atMs, atMs + 4 + atMs / 10, 1, "ok", 4 + atMs / 10, origin);
  }
  traces.closeLastWindow();
  expect(ring.take()).toMatchObject([
    { startMs: 0, parentSpanId: SPAN_ID, traceId: TRACE_ID },
    { startMs: 20, parentSpanId: SPAN_ID, traceId: TRACE_ID, attributes: { "pinchpoint.exemplar": "slowest" } },
  ]);
});

test("where nobody keeps spans a hand-over does nothing of this, and from then on that nobody does neither", () => {
  const { recorder, unit, told, clock, stage } = scene();
  for (const ms of [1, 9]) unit(ms);
  recorder.keepSpans(null);
  const ends = vi.spyOn(recorder.traces, "ends");
  unit(30);
  unit(3, { fails: true });
  stage.start().end();
  clock.idle(2000);
  unit(5);
  expect(ends).not.toHaveBeenCalled();
  expect(told().map(({ endMs }) => endMs)).toEqual([1]);
  expect(recorder.exemplars()).toHaveLength(1);
});

/** Bytes that a number of calls leave on the heap: few enough to be gone through without a collection. */
function bytesOf(call: (count: number) => void): number {
  const CALLS = 100_000;
  for (let count = 0; count < CALLS; count++) call(count);
  const before = getHeapStatistics().used_heap_size;
  for (let count = 0; count < CALLS; count++) call(count);
  return getHeapStatistics().used_heap_size - before;
}

test("a hand-over that is neither slow nor failed allocates nothing", () => {
  const { recorder, traces } = scene();
  const row = recorder.openStage({ pipeline: "p", name: "fast", role: "stage" });
  traces.root({ ...stageStart(), name: "fast" }, null);
  const none = traces.root({ ...stageStart(), name: "fast" }, null);
  row?.ends(none, 0, 900, 1, "ok");
  const kept: object[] = [];
  const control = bytesOf((count) => kept.push({ count }));
  const bytes = bytesOf((count) => row?.ends(none, count % 100, (count % 100) + 5, 1, "ok"));
  expect(kept).toHaveLength(200_000);
  expect(control).toBeGreaterThan(1_000_000);
  expect(bytes).toBeLessThan(control / 10);
});

test("the exemplars of a stage are hand-overs whose spans are kept: the newest of each octave, none that failed", () => {
  const { recorder, unit, ring, traces } = scene();
  for (const ms of [5, 6, 7]) unit(ms, { parent: PARENT });
  unit(100, { parent: PARENT });
  unit(200, { parent: textOfContext(UNSAMPLED) });
  unit(300, { parent: PARENT, fails: true });
  unit(1);
  unit(250);
  expect(recorder.exemplars().map(({ seconds, atMs }) => [seconds, atMs])).toEqual([
    [0.007, 18],
    [0.1, 118],
    [0.001, 619],
  ]);
  traces.closeLastWindow();
  const spans = new Map(ring.take().map((record) => [record.spanId, record]));
  const exemplars = recorder.exemplars();
  expect(exemplars.at(-1)).toMatchObject({ pipeline: "p", stage: "score", seconds: 0.25, atMs: 869 });
  for (const { spanId, traceId, seconds } of exemplars) {
    const span = spans.get(spanId);
    expect([span?.traceId, (span?.endMs ?? 0) - (span?.startMs ?? 0)]).toEqual([traceId, seconds * 1000]);
  }
});

test("with a sampler that keeps nothing there are no exemplars", () => {
  const { recorder, unit, traces } = scene({ rootShare: 0 });
  for (const ms of [1, 9]) unit(ms);
  traces.closeLastWindow();
  expect(recorder.exemplars()).toEqual([]);
});

test("what a worker thread recorded is one when its span is kept, and an older one takes no newer one's place", () => {
  const { recorder } = scene();
  const attributes = { "pinchpoint.pipeline.name": "p", "pinchpoint.stage.name": "score" };
  recorder.keptSpan(spanRecord({ attributes }));
  expect(recorder.exemplars()).toEqual([]);
  recorder.keptSpan(spanRecord({ attributes, endMs: 30, serviceMs: 7 }));
  recorder.keptSpan(spanRecord({ attributes, endMs: 20, serviceMs: 6 }));
  expect(recorder.exemplars()).toEqual([
    { pipeline: "p", stage: "score", seconds: 0.007, atMs: 30, traceId: TRACE_ID, spanId: SPAN_ID },
  ]);
});

test.each([0, -1, Number.NaN, 1e-9, 1e9, Number.POSITIVE_INFINITY])(
  "exemplars are bounded, whatever a hand-over of %d ms is",
  (serviceMs) => {
    const exemplars = new Exemplars();
    for (let stage = 0; stage < 2000; stage++) {
      const attributes = { "pinchpoint.pipeline.name": "p", "pinchpoint.stage.name": `s${stage}` };
      for (const times of [1, 2, 3]) {
        exemplars.add({ attributes, serviceMs: serviceMs * times, endMs: times, traceId: TRACE_ID, spanId: SPAN_ID });
      }
    }
    expect(exemplars.all().length).toBeLessThanOrEqual(1024 * 3);
    expect(exemplars.all().every(({ seconds }) => Number.isFinite(seconds) && seconds >= 0)).toBe(true);
  },
);
