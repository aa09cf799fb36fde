import { METRICS, type Metric } from "@pinchpoint/probe";
import { expect, test } from "vitest";
import { prometheusName } from "../src/prometheus-names.ts";

function check(metric: Pick<Metric, "name" | "type" | "unit">, base: string, unit: string | null, sample: string) {
  expect(prometheusName({ description: "", attributes: [], ...metric })).toEqual({ base, unit, sample });
}

test("a name ends in its unit, and a counter's in _total behind it", () => {
  check({ name: "a.b", type: "gauge", unit: "s" }, "a_b_seconds", "seconds", "a_b_seconds");
  check({ name: "a.b", type: "counter", unit: "By" }, "a_b_bytes", "bytes", "a_b_bytes_total");
  check({ name: "a.b", type: "histogram", unit: "s" }, "a_b_seconds", "seconds", "a_b_seconds");
  check({ name: "a.seconds", type: "gauge", unit: "s" }, "a_seconds", "seconds", "a_seconds");
});

test("what is counted is no unit, and 1 is a ratio of gauges only", () => {
  check({ name: "a", type: "counter", unit: "{item}" }, "a", null, "a_total");
  check({ name: "a", type: "gauge", unit: "1" }, "a_ratio", "ratio", "a_ratio");
  check({ name: "a", type: "counter", unit: "1" }, "a", null, "a_total");
});

test("each metric of the catalogue has a name of its own that Prometheus takes", () => {
  const names = Object.values(METRICS).map(prometheusName);
  expect(new Set(names.map(({ base }) => base)).size).toBe(names.length);
  for (const { sample } of names) expect(sample).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
});
