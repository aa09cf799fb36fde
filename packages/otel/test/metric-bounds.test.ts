import type { Histogram } from "@opentelemetry/sdk-metrics";
import { expect, test } from "vitest";
import { DURATION_BOUNDS_SECONDS } from "../src/explicit-buckets.ts";
import { type BoundsByMetric, metricBounds } from "../src/metric-bounds.ts";
import { Source, told } from "./collections.ts";
import { durations, resource, resourceRow, snapshot, stageRow } from "./snapshots.ts";

const told3 = snapshot({
  stageRows: [stageRow({ duration: durations(0.5, 2) })],
  resources: [resource()],
  resourceRows: [resourceRow({ wait: durations(1), use: durations(8) })],
});

async function boundsOf(boundsSeconds: readonly number[] | BoundsByMetric) {
  const metrics = await new Source(told3, { boundsSeconds }).metrics();
  return ["stage.duration", "resource.wait.duration", "resource.use.duration"].map((name) => {
    const [value] = Object.values(told<Histogram>(metrics, `pinchpoint.${name}`));
    return [value?.buckets.boundaries, value?.buckets.counts];
  });
}

test("one list of bounds is that of all durations", async () => {
  expect(await boundsOf([1, 4])).toEqual([
    [
      [1, 4],
      [1, 1, 0],
    ],
    [
      [1, 4],
      [1, 0, 0],
    ],
    [
      [1, 4],
      [0, 0, 1],
    ],
  ]);
});

test("bounds are set for one metric, for the rest, and for what is not named as they were", async () => {
  const usual = [...DURATION_BOUNDS_SECONDS];
  const named = await boundsOf({ "pinchpoint.stage.duration": [1] });
  expect(named.map(([bounds]) => bounds)).toEqual([[1], usual, usual]);
  expect(await boundsOf({ "pinchpoint.stage.duration": [1], default: [4] })).toEqual([
    [[1], [1, 1]],
    [[4], [1, 0]],
    [[4], [0, 1]],
  ]);
});

test("how long collections take has buckets of its own, unless they are named", () => {
  expect(metricBounds([1]).get("collectDuration")?.[0]).toBeLessThan(0.001);
  expect(metricBounds({ "pinchpoint.collect.duration": [1] }).get("collectDuration")).toEqual([1]);
});

test("bounds that make no sense are refused, by the name of their metric", () => {
  const refusal = (given: unknown) => {
    try {
      metricBounds(given as BoundsByMetric);
      return null;
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      return (error as Error).message;
    }
  };
  const order = "must be finite, > 0 and ascending, got";
  expect(refusal({ "pinchpoint.stage.duration": [2, 1] })).toBe(
    `boundsSeconds of pinchpoint.stage.duration ${order} 2, 1`,
  );
  expect(refusal({ default: [0] })).toBe(`boundsSeconds of default ${order} 0`);
  expect(refusal({ default: "1" })).toBe("boundsSeconds of default must be a list of numbers, got 1");
  expect(refusal(Array.from({ length: 101 }, (_, at) => at + 1))).toBe("boundsSeconds must be at most 100, got 101");
  for (const name of ["pinchpoint.stage.items", "v8js.gc.duration", "toString"]) {
    expect(refusal({ [name]: [1] })).toMatch(/^boundsSeconds can be set for default, pinchpoint\.stage\.duration, /);
  }
});
