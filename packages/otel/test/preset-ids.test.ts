import { expect, test } from "vitest";
import { PresetIds } from "../src/preset-ids.ts";
import { SPAN_ID, TRACE_ID } from "./running-sdk.ts";

const both = (ids: PresetIds) => [ids.generateTraceId(), ids.generateSpanId()];

test("what is begun within has the ids that were set, and what is begun afterwards has its own", () => {
  const ids = new PresetIds();
  expect(ids.with({ traceId: TRACE_ID, spanId: SPAN_ID }, () => both(ids))).toEqual([TRACE_ID, SPAN_ID]);
  const [traceId, spanId] = both(ids);
  expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(spanId).toMatch(/^[0-9a-f]{16}$/);
  expect([traceId, spanId]).not.toEqual([TRACE_ID, SPAN_ID]);
  expect(both(ids)).not.toEqual([traceId, spanId]);
});

test("where the SDK throws, its ids are not kept for the next one", () => {
  const ids = new PresetIds();
  const fail = () => {
    throw new Error("the SDK's");
  };
  expect(() => ids.with({ traceId: TRACE_ID, spanId: SPAN_ID }, fail)).toThrow("the SDK's");
  expect(both(ids)).not.toContain(SPAN_ID);
});
