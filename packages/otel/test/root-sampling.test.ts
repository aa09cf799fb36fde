import { trace } from "@opentelemetry/api";
import { rootShareOf, SpanIds, ThreadTracer } from "@pinchpoint/probe";
import { expect, test, vi } from "vitest";
import { PresetIds } from "../src/preset-ids.ts";
import { SPAN_ID, startSdk } from "./running-sdk.ts";

const TRACES = 2000;

/** The same bytes in every run: Numerical Recipes' linear congruential generator. */
function fixedIds(): SpanIds {
  let state = 5;
  return new SpanIds((bytes) => {
    bytes.forEach((_, at) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      bytes[at] = state >>> 24;
    });
  });
}

test.each([
  ["parentbased_traceidratio", "0.5", [900, 1100]],
  ["traceidratio", "0.01", [1, 60]],
  ["traceidratio", "0.999", [1980, 2000]],
  ["traceidratio", "1", [2000, 2000]],
  ["always_off", "", [0, 0]],
  ["parentbased_always_on", "", [2000, 2000]],
])("a worker thread keeps the traces that the SDK's %s of %s keeps", (sampler, argument, [least = 0, most = 0]) => {
  vi.stubEnv("OTEL_TRACES_SAMPLER", sampler);
  vi.stubEnv("OTEL_TRACES_SAMPLER_ARG", argument);
  const ids = new PresetIds();
  startSdk(ids);
  const tracer = trace.getTracer("application");
  const ring = { begins: () => {}, ends: () => true } as unknown as ConstructorParameters<typeof ThreadTracer>[0];
  const rootShare = rootShareOf(sampler, argument);
  const thread = new ThreadTracer(ring, { propagators: [], rootShare, attributes: {}, ids: fixedIds() });
  let kept = 0;
  for (let count = 0; count < TRACES; count++) {
    const { traceId, isSampled } = thread.begin({ name: "a", kind: "internal", atMs: 0, attributes: {} }, null).context;
    const span = ids.with({ traceId, spanId: SPAN_ID }, () => tracer.startSpan("a"));
    expect([traceId, isSampled]).toEqual([traceId, (span.spanContext().traceFlags & 1) === 1]);
    if (isSampled) kept += 1;
  }
  expect(kept).toBeGreaterThanOrEqual(least);
  expect(kept).toBeLessThanOrEqual(most);
});
