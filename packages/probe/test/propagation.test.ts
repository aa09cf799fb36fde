import { expect, test } from "vitest";
import {
  contextOfHeaders,
  type Headers,
  headersOf,
  type Propagator,
  propagatorsOf,
  tellContext,
} from "../src/propagation.ts";
import type { TraceContext } from "../src/trace-context.ts";
import { PARENT, SAMPLED, SPAN_ID, TRACE_ID, UNSAMPLED } from "./kept-spans.ts";

const OTHER_ID = "1".repeat(32);
const SHORT_ID = "8448eb211c80319c";
const PADDED: TraceContext = { ...SAMPLED, traceId: SHORT_ID.padStart(32, "0") };
const STATED: TraceContext = { ...SAMPLED, state: "vendor=1,other=2" };

test.each<[Propagator, TraceContext, Headers]>([
  ["tracecontext", SAMPLED, { traceparent: PARENT }],
  ["tracecontext", STATED, { traceparent: PARENT, tracestate: STATED.state }],
  ["tracecontext", UNSAMPLED, { traceparent: `00-${TRACE_ID}-${SPAN_ID}-00` }],
  ["b3", SAMPLED, { b3: `${TRACE_ID}-${SPAN_ID}-1` }],
  ["b3", UNSAMPLED, { b3: `${TRACE_ID}-${SPAN_ID}-0` }],
  ["b3multi", SAMPLED, { "x-b3-traceid": TRACE_ID, "x-b3-spanid": SPAN_ID, "x-b3-sampled": "1" }],
  ["b3multi", UNSAMPLED, { "x-b3-traceid": TRACE_ID, "x-b3-spanid": SPAN_ID, "x-b3-sampled": "0" }],
])("%s writes and reads the same context", (propagator, context, headers) => {
  expect(Object.fromEntries(headersOf(context, [propagator]))).toEqual(headers);
  expect(contextOfHeaders(headers, [propagator])).toEqual(context);
});

const single = (text: string): Headers => ({ b3: text });
const multi = (parts: Headers): Headers => ({ "x-b3-traceid": TRACE_ID, "x-b3-spanid": SPAN_ID, ...parts });

test.each<[string, Headers, TraceContext | null]>([
  ["an id of 64 bits is filled up", single(`${SHORT_ID}-${SPAN_ID}-1`), PADDED],
  ["an id of 64 bits in headers of its own is filled up", multi({ "x-b3-traceid": SHORT_ID }), PADDED],
  ["upper case is read as lower case", single(`${TRACE_ID}-${SPAN_ID}-1`.toUpperCase()), SAMPLED],
  ["where nothing is said of sampling, it is sampled", single(`${TRACE_ID}-${SPAN_ID}`), SAMPLED],
  ["where nothing is said in headers of their own, it is sampled", multi({}), SAMPLED],
  ["debugging is sampled", single(`${TRACE_ID}-${SPAN_ID}-d`), SAMPLED],
  ["the flag of debugging is sampled", multi({ "x-b3-flags": "1", "x-b3-sampled": "0" }), SAMPLED],
  ["a parent's id after it is left out", single(`${TRACE_ID}-${SPAN_ID}-1-05e3ac9a4f6e3b90`), SAMPLED],
  ["`false` is not sampled", multi({ "x-b3-sampled": "false" }), UNSAMPLED],
  ["a decision alone tells no context", single("0"), null],
  ["a trace without a span is none", { "x-b3-traceid": TRACE_ID }, null],
  ["a span without a trace is none", { "x-b3-spanid": SPAN_ID }, null],
  ["what is no id is none", single(`${TRACE_ID}x-${SPAN_ID}-1`), null],
  ["an id of nothing but 0 is none", single(`${"0".repeat(16)}-${SPAN_ID}-1`), null],
])("of B3, %s", (_, headers, context) => {
  expect(contextOfHeaders(headers, ["b3"])).toEqual(context);
  expect(contextOfHeaders(headers, ["b3multi"])).toEqual(context);
});

test("of several propagators the one that is named first has the word, and the next where it tells nothing", () => {
  const both: Headers = { traceparent: PARENT, b3: `${OTHER_ID}-${SPAN_ID}-1` };
  expect(contextOfHeaders(both, ["tracecontext", "b3"])?.traceId).toBe(TRACE_ID);
  expect(contextOfHeaders(both, ["b3", "tracecontext"])?.traceId).toBe(OTHER_ID);
  expect(contextOfHeaders({ ...both, traceparent: "broken" }, ["tracecontext", "b3"])?.traceId).toBe(OTHER_ID);
  expect(headersOf(SAMPLED, ["b3", "tracecontext"]).map(([name]) => name)).toEqual(["b3", "traceparent"]);
});

test("of a header that came twice, the first is read; without any there is no context", () => {
  const twice = { traceparent: [PARENT, `00-${OTHER_ID}-${SPAN_ID}-01`], tracestate: ["a=1", "b=2"] };
  expect(contextOfHeaders(twice, ["tracecontext"])).toEqual({ ...SAMPLED, state: "a=1" });
  for (const headers of [{}, { traceparent: [] }, { traceparent: undefined }]) {
    expect(contextOfHeaders(headers, ["tracecontext", "b3", "b3multi"])).toBeNull();
  }
});

test("a state that is longer than 512 characters is left out", () => {
  const stateOf = (length: number) =>
    contextOfHeaders({ traceparent: PARENT, tracestate: `a=${"x".repeat(length - 2)}` }, ["tracecontext"])?.state;
  expect(stateOf(512)).toHaveLength(512);
  expect(stateOf(513)).toBe("");
});

test.each<[string | undefined, readonly Propagator[]]>([
  [undefined, ["tracecontext"]],
  ["", ["tracecontext"]],
  ["tracecontext,baggage", ["tracecontext"]],
  ["b3 , b3multi,tracecontext", ["b3", "b3multi", "tracecontext"]],
  ["jaeger,xray,toString,__proto__", []],
  ["none", []],
  ["b3,none", []],
])("OTEL_PROPAGATORS=%s is %j", (text, propagators) => {
  expect(propagatorsOf(text)).toEqual(propagators);
});

test("without propagators nothing is written, and nothing read", () => {
  expect(headersOf(SAMPLED, [])).toEqual([]);
  expect(contextOfHeaders({ traceparent: PARENT }, [])).toBeNull();
});

test.each([
  ["traceparent", true],
  ["b3", true],
  ["x-b3-traceid", true],
  ["x-datadog-trace-id", true],
  ["sentry-trace", true],
  ["baggage", false],
  ["authorization", false],
])("whether whoever sends %s has told a context: %s", (header, isTold) => {
  expect(tellContext((name) => name === header)).toBe(isTold);
});
