import { expect, test } from "vitest";
import { isKept, rootShareOf } from "../src/root-sampling.ts";
import { TRACE_ID } from "./kept-spans.ts";

test.each<[string | undefined, string | undefined, number]>([
  [undefined, undefined, 1],
  ["", "", 1],
  ["always_on", "0.1", 1],
  ["parentbased_always_on", undefined, 1],
  ["always_off", undefined, 0],
  ["parentbased_always_off", "1", 0],
  ["traceidratio", "0.25", 0.25],
  ["parentbased_traceidratio", "0.25", 0.25],
  ["traceidratio", "0", 0],
  ["traceidratio", undefined, 1],
  ["traceidratio", "", 1],
  ["traceidratio", "2", 1],
  ["traceidratio", "-1", 1],
  ["traceidratio", "half", 1],
  ["jaeger_remote", "0.1", 1],
])("the sampler %s with %s keeps a share of %d", (sampler, argument, share) => {
  expect(rootShareOf(sampler, argument)).toBe(share);
});

// That it keeps those which the SDK's own sampler keeps is tested with that SDK, in @pinchpoint/otel.
test("of a share of 1 each trace is kept, of 0 none", () => {
  for (const traceId of [TRACE_ID, "f".repeat(32), `${"0".repeat(31)}1`, `${"f".repeat(8)}${"0".repeat(24)}`]) {
    expect(isKept(traceId, 1)).toBe(true);
    expect(isKept(traceId, 0)).toBe(false);
  }
});
