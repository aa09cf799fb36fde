import { expect, test } from "vitest";
import { openPipeline } from "../src/pipeline.ts";
import { SpanIds } from "../src/span-ids.ts";
import { textOfContext } from "../src/trace-context.ts";
import { HandClock, mainRecorder } from "./hand-clock.ts";
import { family, newTracer, PARENT, SAMPLED, SPAN_ID, spanStart, TRACE_ID, UNSAMPLED } from "./kept-spans.ts";

/** Until everything that is ready to run has run. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

const counted = () =>
  new SpanIds((bytes) => {
    bytes.forEach((_, at) => {
      bytes[at] = at % 256;
    });
  });

function scene() {
  const clock = new HandClock();
  const recorder = mainRecorder(clock);
  const { tracer, ring } = newTracer();
  recorder.keepSpans(tracer);
  const pipeline = openPipeline(recorder, "p");
  return { clock, stage: (name: string) => pipeline.stage(name), tracer, taken: () => ring.take(), recorder };
}

test("a span tells the main thread all of itself", () => {
  const { tracer, ring } = newTracer({ ids: counted() });
  const root = tracer.begin({ name: "read", kind: "server", atMs: 4, attributes: { a: 1, b: 1 } }, null);
  root.set({ b: 2, c: "x" });
  const child = tracer.begin(spanStart("score", 5), { ...root.context, state: "vendor=1" });
  child.end(6, "unknown");
  root.end(7.5, "failed");
  const traceId = "000102030405060708090a0b0c0d0e0f";
  const spanId = "1011121314151617";
  expect(ring.take()).toEqual([
    {
      name: "score",
      kind: "internal",
      startMs: 5,
      endMs: 6,
      outcome: "unknown",
      attributes: { "thread.id": 3 },
      traceId,
      spanId: "18191a1b1c1d1e1f",
      parentSpanId: spanId,
      state: "vendor=1",
    },
    {
      name: "read",
      kind: "server",
      startMs: 4,
      endMs: 7.5,
      outcome: "failed",
      attributes: { "thread.id": 3, a: 1, b: 2, c: "x" },
      traceId,
      spanId,
      parentSpanId: null,
      state: "",
    },
  ]);
});

test.each([
  ["sampled", SAMPLED, 1],
  ["unsampled", UNSAMPLED, 0],
])("with a %s parent it goes on with the trace, whatever share of new ones is kept", (_, parent, records) => {
  const { tracer, ring } = newTracer({ rootShare: 0 });
  const span = tracer.begin(spanStart("score"), parent);
  expect(span.context).toMatchObject({ traceId: TRACE_ID, isSampled: parent.isSampled });
  expect(span.context.spanId).not.toBe(SPAN_ID);
  span.end(1, "ok");
  expect(ring.take()).toHaveLength(records);
  expect(ring.forgetOpen()).toBe(0);
});

test("a trace that is not kept is told as such to whom it calls, and leaves nothing open", () => {
  const { tracer, ring } = newTracer({ rootShare: 0, ids: counted() });
  const span = tracer.begin(spanStart("score"), null);
  expect(span.headers()).toEqual([["traceparent", "00-000102030405060708090a0b0c0d0e0f-1011121314151617-00"]]);
  expect(ring.forgetOpen()).toBe(0);
});

test("headers are told and read by the propagators that were given", () => {
  const { tracer } = newTracer({ ids: counted() });
  const span = tracer.begin(spanStart("score"), { ...SAMPLED, state: "vendor=1" });
  expect(span.headers()).toEqual([
    ["traceparent", `00-${TRACE_ID}-0001020304050607-01`],
    ["tracestate", "vendor=1"],
  ]);
  expect(tracer.contextOf({ traceparent: PARENT })).toEqual(SAMPLED);
  expect(tracer.contextOf({ b3: `${TRACE_ID}-${SPAN_ID}-1` })).toBeNull();
});

test("hand-overs within each other are each the child of the one around it, across awaits too", async () => {
  const { stage, taken, tracer } = scene();
  await stage("read").run(async () => {
    await turn();
    await Promise.all(
      ["decode", "score"].map((name) =>
        stage(name).run(async () => {
          await turn();
          stage(`${name} row`).run(() => {});
        }),
      ),
    );
    stage("store").run(() => {});
  });
  expect(tracer.active()).toBeNull();
  const records = taken();
  expect(family(records)).toEqual([
    "decode row < decode",
    "decode < read",
    "score row < score",
    "score < read",
    "store < read",
    "read",
  ]);
  expect(new Set(records.map(({ traceId }) => traceId)).size).toBe(1);
});

test("hand-overs beside each other are traces of their own", async () => {
  const { stage, taken } = scene();
  await Promise.all(["read", "score"].map((name) => stage(name).run(turn)));
  const records = taken();
  expect(family(records)).toEqual(["read", "score"]);
  expect(new Set(records.map(({ traceId }) => traceId)).size).toBe(2);
});

test("waiting, and holding a resource, belong to the hand-over around them", async () => {
  const { recorder, stage, taken } = scene();
  const table = openPipeline(recorder, "p").resource("table", { kind: "service" });
  await stage("score").run(() => stage("score").use(table, async () => stage("row").run(turn)));
  // Outside of all hand-overs they have no span, and what they begin may begin a trace.
  await stage("score").push(turn);
  expect(family(taken())).toEqual(["row < score", "score"]);
});

test("within a hand-over that no span is kept of, there is none either", () => {
  const { stage, taken } = scene();
  const nested = () => stage("read").run(() => stage("score").run(() => stage("row").run(() => {})));
  nested();
  expect(taken()).toHaveLength(3);
  // Not yet time for the next trace of `read`: then the others do not begin one either.
  nested();
  expect(taken()).toEqual([]);
});

test("within a hand-over of a trace that its sender does not keep there is none, whatever is around it", () => {
  const { stage, taken } = scene();
  const parent = textOfContext(UNSAMPLED);
  stage("read").run(() => stage("score").run(() => stage("row").run(() => {}), { parent }));
  expect(family(taken())).toEqual(["read"]);
});
