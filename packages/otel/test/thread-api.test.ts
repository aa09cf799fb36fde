import { performance } from "node:perf_hooks";
import * as api from "@opentelemetry/api";
import { openPipeline, Recorder, type SpanRecord, ThreadTracer } from "@pinchpoint/probe";
import { afterEach, expect, test } from "vitest";
import type { ApiUse } from "../src/api-use.ts";
import { ThreadApi } from "../src/thread-api.ts";

const NOW_MS = 5;

/** What a thread without an SDK has, in this one. */
function scene(rootShare = 1) {
  const clock = { nowMs: () => NOW_MS, idleMs: () => 0 };
  const recorder = Recorder.forProcess(clock, { name: "main", osThreadId: null, workerId: 0 });
  recorder.keepSpansFor((ring) => new ThreadTracer(ring, { propagators: [], rootShare, attributes: {} }));
  const sdk = { isRegistered: false };
  const threadApi = new ThreadApi({
    use: sdk as ApiUse,
    traces: recorder.traces,
    nowMs: () => recorder.nowMs(),
    onFailure: () => recorder.lose("span"),
  });
  threadApi.follow(api);
  // As the main thread does where somebody keeps spans; nobody asks this one.
  const keep = () => recorder.keepSpans({} as ThreadTracer, 1000);
  return { recorder, keep, sdk, tracer: api.trace.getTracer("library"), taken: () => recorder.takeSpans() };
}

afterEach(() => api.trace.disable());

const only = (records: readonly SpanRecord[]): SpanRecord => {
  expect(records).toHaveLength(1);
  return records[0] as SpanRecord;
};

test("foreign attributes, texts and events are bounded, and what is none is left out", () => {
  const { keep, tracer, taken } = scene();
  keep();
  const many = Object.fromEntries(Array.from({ length: 70 }, (_, at) => [`key ${at}`, at]));
  const hostile = Object.defineProperty({}, "a", { enumerable: true, get: () => expect.fail("asked") });
  const odd = { bad: Number.NaN, "": 1, object: {} as never, list: [1, null, "x".repeat(3000)], no: undefined };
  const span = tracer.startSpan("n".repeat(3000), { attributes: odd });
  span
    .setAttributes(hostile as api.Attributes)
    .setAttributes(many)
    .setAttribute("key 1", "later");
  for (let count = 0; count < 20; count++) span.addEvent(`event ${count}`, many);
  span.recordException(null as never);
  span.end();
  const { name, made } = only(taken());
  expect(name).toHaveLength(2048);
  expect(Object.keys(made?.attributes ?? {})).toHaveLength(64);
  expect(made?.attributes).toMatchObject({ list: [1, "x".repeat(2048)], "key 0": 0, "key 1": "later", "key 62": 62 });
  expect(made?.events).toHaveLength(16);
  for (const { attributes } of made?.events ?? []) expect(Object.keys(attributes)).toHaveLength(64);
});

test.each([
  ["no time", undefined, NOW_MS],
  ["a date", new Date(performance.timeOrigin + 40), 40],
  ["milliseconds since 1970", performance.timeOrigin + 40.5, 40.5],
  ["a time of performance.now()", 40.5, 40.5],
  ["seconds and nanoseconds", [Math.floor(performance.timeOrigin / 1000) + 9, 0] as api.HrTime, null],
  ["nonsense", Number.NaN, NOW_MS],
])("a span begins and ends at the time that it is given: %s", (_, time, atMs) => {
  const { keep, tracer, taken } = scene();
  keep();
  tracer.startSpan("load", time === undefined ? {} : { startTime: time }).end(time);
  const { startMs, endMs } = only(taken());
  expect(startMs).toBe(endMs);
  const expectedMs = atMs ?? (Math.floor(performance.timeOrigin / 1000) + 9) * 1000 - performance.timeOrigin;
  // Dates have whole milliseconds.
  expect(Math.abs(startMs - expectedMs)).toBeLessThan(1.001);
});

test("a stage's span is active to the application, which may add to it but not end it", () => {
  const { recorder, keep, taken } = scene();
  keep();
  openPipeline(recorder, "p")
    .stage("score")
    .run(() => {
      const active = api.trace.getActiveSpan();
      expect(api.trace.getActiveSpan()).toBe(active);
      expect(active?.isRecording()).toBe(true);
      active?.setAttribute("rows", 3).updateName("mine").end();
    });
  expect(api.trace.getActiveSpan()).toBeUndefined();
  expect(only(taken())).toMatchObject({ name: "score", attributes: { rows: 3 } });
});

test("the application's function gets its own this, arguments and errors, within the context and not after it", () => {
  const { keep } = scene();
  keep();
  const key = api.createContextKey("own");
  const inner = api.ROOT_CONTEXT.setValue(key, 1);
  const thrown = new Error("own");
  const seen = (...args: unknown[]) => [api.context.active().getValue(key), ...args];
  expect(api.context.with(inner, seen, undefined, 2, 3)).toEqual([1, 2, 3]);
  const bound = api.context.bind(inner, function (this: unknown, _a: number) {
    return this;
  });
  expect(bound.length).toBe(1);
  expect(bound.call("self", 1)).toBe("self");
  const fails = () => {
    throw thrown;
  };
  expect(() => api.context.with(inner, fails)).toThrow(thrown);
  expect(seen()).toEqual([undefined]);
});

test("where nobody keeps spans, or the sampler does not, a span records nothing and tells its trace all the same", () => {
  const { keep, tracer, taken } = scene(0);
  expect(api.isSpanContextValid(tracer.startSpan("early").spanContext())).toBe(false);
  keep();
  tracer.startActiveSpan("load", (span) => {
    expect(span.isRecording()).toBe(false);
    expect(api.trace.getActiveSpan()?.spanContext().spanId).toBe(span.spanContext().spanId);
    const child = tracer.startSpan("row");
    expect(child.spanContext()).toMatchObject({ traceId: span.spanContext().traceId, traceFlags: 0 });
    child.end();
    span.end();
  });
  expect(taken()).toEqual([]);
});

test("once an SDK was registered, ours keeps nothing any more", () => {
  const { keep, sdk, tracer, taken } = scene();
  keep();
  sdk.isRegistered = true;
  tracer.startSpan("load").end();
  sdk.isRegistered = false;
  tracer.startSpan("load").end();
  expect(taken()).toEqual([]);
});
