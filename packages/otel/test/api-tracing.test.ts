import { context, createContextKey, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { SpanRecord, SpanStart } from "@pinchpoint/probe";
import { expect, test } from "vitest";
import { ApiTracing } from "../src/api-tracing.ts";
import { PresetIds } from "../src/preset-ids.ts";
import { isTraced } from "../src/spans-wanted.ts";
import { CLOCK_ORIGIN_MS, REMOTE, SPAN_ID, spanRecord, startSdk, TRACE_ID } from "./running-sdk.ts";

const start = (name: string, parts: Partial<SpanStart> = {}): SpanStart => {
  return { name, kind: "internal", atMs: 1000.5, attributes: {}, ...parts };
};

/** The application's own instrumentation. */
const applications = () => trace.getTracer("application");

test.each([
  ["ok", SpanStatusCode.UNSET, "internal", SpanKind.INTERNAL],
  ["failed", SpanStatusCode.ERROR, "server", SpanKind.SERVER],
  ["unknown", SpanStatusCode.UNSET, "client", SpanKind.CLIENT],
] as const)(
  "a span that ends %s has the status %d, its kind, its attributes and its times",
  (outcome, code, kind, told) => {
    const { tracing, ended } = startSdk();
    const span = tracing.begin(start("score", { kind, attributes: { a: 1, b: "x" } }), null);
    span.set({ a: 2 });
    span.end(2000.75, outcome);
    expect(ended).toMatchObject([
      {
        name: "score",
        kind: told,
        status: { code },
        attributes: { a: 2, b: "x" },
        startTime: [1_700_000_001, 250_500_000],
        endTime: [1_700_000_002, 250_750_000],
        parentSpanContext: undefined,
        instrumentationScope: { name: "pinchpoint" },
      },
    ]);
  },
);

test("what is begun without a parent begins a trace, also within a span of the application's", () => {
  const { tracing, ended } = startSdk();
  applications().startActiveSpan("theirs", (theirs) => {
    tracing.begin(start("score"), null).end(1, "ok");
    theirs.end();
  });
  const [ours, theirs] = ended;
  expect(ours?.parentSpanContext).toBeUndefined();
  expect(ours?.spanContext().traceId).not.toBe(theirs?.spanContext().traceId);
});

test("spans of the application's and ours are each other's parents, across awaits too", async () => {
  const { tracing, ended } = startSdk();
  await applications().startActiveSpan("request", async (request) => {
    const batch = tracing.begin(start("batch"), tracing.active());
    await batch.within(async () => {
      expect(tracing.active()).toEqual(batch.context);
      await new Promise((resolve) => setImmediate(resolve));
      applications().startActiveSpan("query", (query) => query.end());
    });
    batch.end(1, "ok");
    request.end();
  });
  expect(tracing.active()).toBeNull();
  const nameOf = (id: string | undefined) => ended.find((span) => span.spanContext().spanId === id)?.name;
  expect(ended.map(({ name, parentSpanContext }) => [name, nameOf(parentSpanContext?.spanId)])).toEqual([
    ["query", "batch"],
    ["batch", "request"],
    ["request", undefined],
  ]);
});

const KEY = createContextKey("the application's own");

test("what runs inside of a span of another thread belongs to it, and may ask of it whatever a span has", async () => {
  const { tracing, ended } = startSdk();
  const error = new Error("theirs");
  await applications().startActiveSpan("elsewhere", async (elsewhere) => {
    await tracing.inside(REMOTE, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      const active = trace.getActiveSpan();
      active?.setAttribute("a", 1).setAttributes({}).addEvent("b").setStatus({ code: 1 }).updateName("c");
      active?.addLink({ context: active.spanContext() }).addLinks([]).recordException(error);
      active?.end();
      expect(active?.isRecording()).toBe(false);
      expect(tracing.active()).toMatchObject(REMOTE);
      applications().startSpan("query").end();
    });
    elsewhere.end();
  });
  const unsampled = tracing.inside({ ...REMOTE, isSampled: false }, () => applications().startSpan("no"));
  expect(unsampled.isRecording()).toBe(false);
  expect(ended.map(({ name, parentSpanContext }) => [name, parentSpanContext?.spanId])).toEqual([
    ["query", SPAN_ID],
    ["elsewhere", undefined],
  ]);
});

test("outside runs in no trace, with whatever else the context has", () => {
  const { tracing } = startSdk();
  const result = {};
  const run = () => [tracing.active(), trace.getActiveSpan(), context.active().getValue(KEY), result];
  expect(tracing.outside(run)).toEqual([null, undefined, undefined, result]);
  context.with(context.active().setValue(KEY, 7), () => {
    applications().startActiveSpan("theirs", (theirs) => {
      expect(tracing.outside(run)).toEqual([null, undefined, 7, result]);
      expect(trace.getActiveSpan()).toBe(theirs);
    });
  });
});

const TOLD = {
  traceparent: `00-${TRACE_ID}-${SPAN_ID}-01`,
  tracestate: "vendor=1,other=2",
  baggage: "tenant=north",
};

test("what a caller told goes on to whom we call: the trace, its state, and baggage", () => {
  const { tracing, ended } = startSdk();
  const told = tracing.contextOf(TOLD);
  expect(told).toMatchObject({ traceId: TRACE_ID, spanId: SPAN_ID, isSampled: true, state: TOLD.tracestate });
  const server = tracing.begin(start("GET", { kind: "server" }), told);
  const inner = server.within(() => {
    expect(propagation.getActiveBaggage()?.getEntry("tenant")?.value).toBe("north");
    return tracing.begin(start("POST", { kind: "client" }), tracing.active());
  });
  const headers = Object.fromEntries(inner.headers());
  inner.end(2, "ok");
  server.end(3, "ok");
  const [client] = ended;
  expect(headers).toEqual({ ...TOLD, traceparent: `00-${TRACE_ID}-${client?.spanContext().spanId}-01` });
  expect(client?.parentSpanContext?.spanId).toBe(server.context.spanId);
  expect(ended[1]?.parentSpanContext).toMatchObject({ spanId: SPAN_ID, isRemote: true });
});

test.each([
  ["nothing", {}],
  ["a broken header", { traceparent: "00-broken" }],
  ["headers without values", { traceparent: undefined }],
])("of a caller that tells %s there is no context, whatever is active", (_, headers) => {
  const { tracing } = startSdk();
  applications().startActiveSpan("theirs", () => expect(tracing.contextOf(headers)).toBeNull());
});

test("where no propagator is registered, nothing is told and nothing read", () => {
  startSdk();
  propagation.disable();
  const { tracing } = withoutPropagator();
  expect(tracing.contextOf(TOLD)).toBeNull();
  expect(tracing.begin(start("score"), null).headers()).toEqual([]);
});

function withoutPropagator() {
  const api = { trace: trace.getTracerProvider(), context: { ...noContext, active: () => context.active() } };
  return { tracing: new ApiTracing({ api: api as never }) };
}

const noContext = { with: <T>(_: unknown, run: () => T): T => run() };

test("a parent of another thread has its child here, with its state", () => {
  const { tracing, ended } = startSdk();
  const span = tracing.begin(start("score"), REMOTE);
  expect(span.context).toMatchObject({ traceId: TRACE_ID, isSampled: true, state: "vendor=1" });
  expect(Object.fromEntries(span.headers())).toMatchObject({ tracestate: "vendor=1" });
  span.end(1, "ok");
  tracing.begin(start("unsampled"), { ...REMOTE, isSampled: false }).end(1, "ok");
  expect(ended.map(({ name, parentSpanContext }) => [name, parentSpanContext?.spanId])).toEqual([["score", SPAN_ID]]);
});

const spans: [string, Partial<SpanRecord>][] = [
  ["a first span", { parentSpanId: null }],
  ["a child", { state: "vendor=1" }],
  ["one that failed", { outcome: "failed", kind: "client" }],
];

for (const [whose, newIds] of [
  ["by our source of ids", () => new PresetIds()],
  ["by an SDK of the application's", () => null],
] as const) {
  test.each(spans)(`${whose}, %s of a worker thread is exported with the ids that it has there`, (_, parts) => {
    const { tracing, ended } = startSdk(newIds());
    const record = spanRecord(parts);
    // Whatever the main thread happens to be at.
    applications().startActiveSpan("theirs", () => tracing.export(record));
    expect(ended).toMatchObject([
      {
        name: "score",
        kind: record.kind === "client" ? SpanKind.CLIENT : SpanKind.INTERNAL,
        status: { code: record.outcome === "failed" ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
        attributes: record.attributes,
        startTime: [1_700_000_000, 260_000_000],
        endTime: [1_700_000_000, 262_500_000],
      },
    ]);
    const { traceId, spanId, traceState } = ended[0]?.spanContext() ?? {};
    expect([traceId, spanId, traceState?.serialize() ?? ""]).toEqual([TRACE_ID, record.spanId, record.state]);
    expect(ended[0]?.parentSpanContext?.spanId ?? null).toBe(record.parentSpanId);
    // The next one has an id of its own again.
    expect(tracing.begin(start("next"), null).context.traceId).not.toBe(TRACE_ID);
  });
}

const FIXED = { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 };

test.each<[string, object]>([
  ["keeps its spans' contexts elsewhere", {}],
  ["has nothing where others have them", { _spanContext: null }],
  ["has something else there", { _spanContext: { id: 1 } }],
  ["lets nobody change them", Object.freeze({ _spanContext: FIXED })],
])("an SDK that %s is not told of worker threads' spans", (_, parts) => {
  const ends: string[] = [];
  const span = { ...parts, spanContext: () => FIXED, end: () => ends.push("ended") };
  if (Object.isFrozen(parts)) Object.freeze(span);
  const api = {
    trace: { getTracer: () => ({ startSpan: () => span }) },
    context: { ...noContext, active: () => context.active() },
  };
  const strange = new ApiTracing({ api: api as never, clockOriginMs: CLOCK_ORIGIN_MS });
  expect(() => strange.export(spanRecord())).toThrow("does not let a span have the id");
  expect(ends).toEqual([]);
});

test("whether somebody traces this thread is known by what is registered", () => {
  expect(isTraced()).toBe(false);
  startSdk();
  expect(isTraced()).toBe(true);
});

test("Datadog's tracer counts as somebody who traces", () => {
  const key = Symbol.for("dd-trace");
  Object.defineProperty(globalThis, key, { configurable: true, value: {} });
  try {
    expect(isTraced()).toBe(true);
  } finally {
    Reflect.deleteProperty(globalThis, key);
  }
});

test("a span that the application made in a worker thread is its own tracer's, with its status and events", () => {
  const { tracing, ended } = startSdk(new PresetIds());
  const made = {
    scope: { name: "library", version: "1.2.3" },
    attributes: { rows: [1, 2], isKept: true },
    status: { code: SpanStatusCode.ERROR, message: "too large" },
    events: [{ name: "half", atMs: 1500, attributes: { done: "50%" } }],
  };
  tracing.export(spanRecord({ kind: "consumer", outcome: "unknown", attributes: { "thread.id": 3 }, made }));
  expect(ended).toMatchObject([
    {
      kind: SpanKind.CONSUMER,
      status: made.status,
      attributes: { "thread.id": 3, ...made.attributes },
      events: [{ name: "half", time: [1_700_000_001, 750_000_000], attributes: { done: "50%" } }],
      instrumentationScope: made.scope,
    },
  ]);
});
