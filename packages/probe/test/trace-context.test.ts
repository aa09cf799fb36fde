import { expect, test } from "vitest";
import { contextOf, contextOfText, textOfContext } from "../src/trace-context.ts";
import { PARENT, SAMPLED, SPAN_ID, TRACE_ID, UNSAMPLED } from "./kept-spans.ts";

test.each([
  ["a sampled context", SAMPLED, PARENT],
  ["one that is not sampled", UNSAMPLED, `00-${TRACE_ID}-${SPAN_ID}-00`],
])("%s is the same after it was written and read", (_, context, text) => {
  expect(textOfContext(context)).toBe(text);
  expect(contextOfText(text)).toEqual(context);
});

test("the state is what came beside the text", () => {
  expect(contextOfText(PARENT, "vendor=1")).toEqual({ ...SAMPLED, state: "vendor=1" });
});

test.each([
  ["sampled, among other flags", `00-${TRACE_ID}-${SPAN_ID}-ff`, true],
  ["not sampled, among other flags", `00-${TRACE_ID}-${SPAN_ID}-fe`, false],
  ["of a version to come", `01-${TRACE_ID}-${SPAN_ID}-01`, true],
  ["of a version to come, with more fields", `cc-${TRACE_ID}-${SPAN_ID}-01-what-the-future-brings`, true],
])("what is %s is read", (_, text, isSampled) => {
  expect(contextOfText(text)).toEqual({ ...SAMPLED, isSampled });
});

test.each([
  ["nothing", ""],
  ["white space around it", ` ${PARENT}`],
  ["more fields than version 00 has", `${PARENT}-more`],
  ["an empty field more than version 00 has", `${PARENT}-`],
  ["a future version that goes on without a dash", `01-${TRACE_ID}-${SPAN_ID}-01more`],
  ["the version that does not exist", `ff-${TRACE_ID}-${SPAN_ID}-01`],
  ["no version", `${TRACE_ID}-${SPAN_ID}-01`],
  ["a version of three digits", `000-${TRACE_ID}-${SPAN_ID}-01`],
  ["no flags", `00-${TRACE_ID}-${SPAN_ID}`],
  ["one digit of flags", `00-${TRACE_ID}-${SPAN_ID}-1`],
  ["a short trace id", `00-${TRACE_ID.slice(1)}-${SPAN_ID}-01`],
  ["a long trace id", `00-0${TRACE_ID}-${SPAN_ID}-01`],
  ["a short span id", `00-${TRACE_ID}-${SPAN_ID.slice(1)}-01`],
  ["a long span id", `00-${TRACE_ID}-0${SPAN_ID}-01`],
  ["upper case", PARENT.toUpperCase()],
  ["what is not hexadecimal", `00-${TRACE_ID.replace("0", "g")}-${SPAN_ID}-01`],
  ["a trace id of nothing but 0", `00-${"0".repeat(32)}-${SPAN_ID}-01`],
  ["a span id of nothing but 0", `00-${TRACE_ID}-${"0".repeat(16)}-01`],
])("%s is no context", (_, text) => {
  expect(contextOfText(text)).toBeNull();
});

test("ids make a context only where each is one", () => {
  expect(contextOf(TRACE_ID, SPAN_ID, false, "a=b")).toEqual({ ...UNSAMPLED, state: "a=b" });
  for (const [traceId, spanId] of [
    ["", SPAN_ID],
    [TRACE_ID, ""],
    [SPAN_ID, SPAN_ID],
    [TRACE_ID, TRACE_ID],
    [TRACE_ID.toUpperCase(), SPAN_ID],
  ] as const) {
    expect(contextOf(traceId, spanId, true, "")).toBeNull();
  }
});
