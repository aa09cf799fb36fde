import { expect, test } from "vitest";
import { otlpTemporality, type Temporality } from "../src/temporality.ts";

test.for<[string | undefined, Temporality]>([
  [undefined, "cumulative"],
  ["", "cumulative"],
  ["cumulative", "cumulative"],
  ["delta", "delta"],
  [" DELTA ", "delta"],
  ["LowMemory", "lowmemory"],
  ["sometimes", "cumulative"],
])("what OTLP prefers where the environment says %j is %s", ([text, temporality]) => {
  expect(otlpTemporality({ OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: text })).toBe(temporality);
});
