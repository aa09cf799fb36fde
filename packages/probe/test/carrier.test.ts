import { expect, test } from "vitest";
import { carriedText, goOn, NO_TRACE, runCarried } from "../src/carrier.ts";
import { openPipeline } from "../src/pipeline.ts";
import type { Span } from "../src/span.ts";
import { USE } from "../src/state-clock.ts";
import { contextOfText } from "../src/trace-context.ts";
import { runningWork, type Work } from "../src/work.ts";
import { HandClock, mainRecorder } from "./hand-clock.ts";
import { newTracer, PARENT, SAMPLED, SPAN_ID, spanStart, UNSAMPLED } from "./kept-spans.ts";

/** A turn of the event loop of its own, as a message has one. */
const inTurn = <T>(run: () => T): Promise<T> => new Promise((resolve) => setImmediate(() => resolve(run())));

function scene() {
  const recorder = mainRecorder(new HandClock());
  const { tracer, ring } = newTracer();
  const { traces } = recorder;
  traces.keepBy(tracer);
  const stage = openPipeline(recorder, "p").stage("score");
  return { traces, tracer, stage, taken: () => ring.take() };
}

test("what goes with a task is its trace, that it is not to be kept, that it has none, or nothing where nobody keeps spans", () => {
  const { traces, tracer } = scene();
  const span = tracer.begin(spanStart("task"), null);
  traces.keepBy({ ...noTracing, begin: () => span });
  const { traceId, spanId } = span.context;
  expect(carriedText(traces.root(spanStart("task"), null))).toBe(`00-${traceId}-${spanId}-01`);
  expect(carriedText(traces.child(spanStart("task"), null))).toBe(NO_TRACE);
  const notKept = carriedText(traces.child(spanStart("task"), UNSAMPLED));
  expect(notKept).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  // There it is known as such: a hand-over that fails does not become a span after the fact, as one without a trace does.
  for (const [text, spans] of [
    [notKept, 0],
    [NO_TRACE, 1],
  ] as const) {
    const worker = scene();
    const task = worker.traces.child(spanStart("task"), text === null ? null : contextOfText(text));
    const unit = worker.traces.child(spanStart("unit"), task?.carried ?? null) as Span;
    const stage = { spanStart: () => spanStart("unit") };
    worker.traces.ends(stage, unit, 1, 2, 1, "failed", 1, null);
    expect(worker.taken()).toHaveLength(spans);
  }
  expect(carriedText(null)).toBeNull();
});

const noTracing = {
  active: () => null,
  inside: <T>(_: unknown, run: () => T): T => run(),
  outside: <T>(run: () => T): T => run(),
  contextOf: () => null,
};

test.each<[string, string | null, boolean, readonly (string | null)[]]>([
  // Its own trace goes on: what the task hands over is a child of it.
  ["a trace", PARENT, true, [SPAN_ID, "task"]],
  // Its sender had none: nothing here begins one for it.
  ["no trace", NO_TRACE, false, []],
  ["what is no context", "00-broken", false, []],
  // A sender that keeps no spans: whoever works here may begin a trace.
  ["nothing", null, false, [null]],
])("with %s, what runs in the turn and after an await goes on so", async (_, text, isKept, parents) => {
  const { traces, stage, taken, tracer } = scene();
  const [span, active] = await inTurn(async () => {
    const gone = goOn(traces, text, spanStart("task"));
    await inTurn(() => {});
    stage.run(() => {});
    const belongsTo = tracer.active();
    gone?.end(1, "ok");
    return [gone, belongsTo] as const;
  });
  expect(span?.context?.spanId ?? null).toBe(isKept ? (active?.spanId ?? "none is active") : null);
  const records = taken().reverse();
  const nameOf = (parent: string | null) => records.find(({ spanId }) => spanId === parent)?.name ?? parent;
  expect(records.map(({ parentSpanId }) => nameOf(parentSpanId))).toEqual(parents);
});

test("the next task of the same thread does not go on with the one before", async () => {
  const { traces } = scene();
  await inTurn(() => goOn(traces, PARENT, spanStart("task")));
  expect(await inTurn(() => runningWork())).toBeNull();
  const after = await inTurn(() => {
    goOn(traces, PARENT, spanStart("task"));
    goOn(traces, null, spanStart("task"));
    return runningWork();
  });
  expect(after).toBeNull();
});

test("where nobody keeps spans, whatever came is nobody's", async () => {
  const { traces } = scene();
  traces.keepBy(null);
  const gone = await inTurn(() => [goOn(traces, PARENT, spanStart("task")), runningWork()]);
  expect(gone).toEqual([null, null]);
});

test("what a task calls is charged to no stage", async () => {
  const recorder = mainRecorder(new HandClock());
  recorder.traces.keepBy(newTracer().tracer);
  await inTurn(() => {
    goOn(recorder.traces, PARENT, spanStart("task"));
    expect(recorder.beginCall({ name: "db", kind: "service" }, 3, 0)).toBeNull();
    expect(runningWork()).toMatchObject({ stage: null, isWorking: false, outer: null });
    expect(runningWork()?.visit(3, 0)).toBe(0);
    expect(runningWork()?.endVisit(0, 3, 0)).toBe(false);
  });
});

test("what a message begins, across awaits too, is part of its trace, and what it sends on", async () => {
  const { traces, stage, taken } = scene();
  expect(traces.outgoing()).toBeNull();
  await runCarried(traces, SAMPLED, async () => {
    await inTurn(() => {});
    stage.run(() => expect(traces.outgoing()).toMatchObject({ traceId: SAMPLED.traceId, isSampled: true }));
    expect(traces.outgoing()).toEqual(SAMPLED);
  });
  expect(taken()).toMatchObject([{ name: "score", parentSpanId: SPAN_ID }]);
  expect(traces.outgoing()).toBeNull();
});

test("what a message of a trace that is not kept begins is not kept either, and is sent on as such", () => {
  const { traces, stage, taken } = scene();
  runCarried(traces, UNSAMPLED, () => {
    stage.run(() => expect(traces.outgoing()).toMatchObject({ isSampled: false }));
    expect(traces.outgoing()).toEqual(UNSAMPLED);
  });
  expect(taken()).toEqual([]);
});

test("what a message begins is charged to whom it would be without a trace", () => {
  const { traces, stage } = scene();
  stage.run(() => {
    const without = runningWork();
    runCarried(traces, SAMPLED, () => {
      const { stage: charged, isWorking, outer, isCall = false } = runningWork() as Work;
      expect([charged, isWorking, outer, isCall]).toEqual([without?.stage, true, without?.outer, false]);
      const visit = runningWork()?.visit(USE, 1) ?? 0;
      expect(visit).not.toBe(0);
      expect(runningWork()?.endVisit(visit, USE, 2)).toBe(true);
    });
  });
  runCarried(traces, SAMPLED, () =>
    expect(runningWork()).toMatchObject({ stage: null, isWorking: false, outer: null }),
  );
});

test("where nobody keeps spans, a message is as without a trace", () => {
  const { traces } = scene();
  traces.keepBy(null);
  expect(runCarried(traces, SAMPLED, () => [runningWork(), traces.outgoing()])).toEqual([null, null]);
});
