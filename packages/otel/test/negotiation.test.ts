import { expect, test } from "vitest";
import { chosenFormat, wantsGzip } from "../src/negotiation.ts";
import type { PageFormat } from "../src/page.ts";

const PROMETHEUS_3 =
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5," +
  "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

test.for<[string | undefined, PageFormat]>([
  [undefined, "prometheus"],
  ["", "prometheus"],
  ["*/*", "prometheus"],
  [PROMETHEUS_3, "openmetrics"],
  [
    `application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,${PROMETHEUS_3}`,
    "openmetrics",
  ],
  ["text/plain;version=0.0.4", "prometheus"],
  ["text/plain;version=0.0.4;q=1,*/*;q=0.1", "prometheus"],
  ["text/plain;q=0.3, application/openmetrics-text;q=0.4", "openmetrics"],
  ["text/plain;q=0.5, application/openmetrics-text;q=0.4", "prometheus"],
  ["application/openmetrics-text", "openmetrics"],
  ['APPLICATION/OpenMetrics-Text ; Version="1.0.0"', "openmetrics"],
  ["application/openmetrics-text;version=0.0.1", "prometheus"],
  ["application/openmetrics-text;q=0, */*", "prometheus"],
  ["text/plain;q=0, */*", "openmetrics"],
  ["application/*", "openmetrics"],
  ["*/*, application/openmetrics-text", "openmetrics"],
  ["text/html,application/xhtml+xml,*/*;q=0.8", "prometheus"],
  ["application/json", "prometheus"],
  ["application/openmetrics-text;q=many", "prometheus"],
  [";;,,=,q=", "prometheus"],
  ["a/b,".repeat(100_000), "prometheus"],
])("of both formats, Accept: %s gets %s", ([accept, format]) => {
  expect(chosenFormat(accept, ["prometheus", "openmetrics"])).toBe(format);
});

test("where there is one format, it is given, whatever is wanted", () => {
  for (const accept of [undefined, PROMETHEUS_3, "application/openmetrics-text", "text/plain;q=0"]) {
    expect(chosenFormat(accept, ["prometheus"])).toBe("prometheus");
  }
});

test.for<[string | undefined, boolean]>([
  [undefined, false],
  ["", false],
  ["identity", false],
  ["gzip", true],
  ["GZIP", true],
  ["x-gzip", true],
  ["gzip, deflate, br", true],
  ["deflate, br", false],
  ["gzip;q=0", false],
  ["gzip;q=0, *", false],
  ["*", true],
  ["*;q=0", false],
  ["identity, gzip;q=0.5", false],
  ["identity;q=0.5, gzip", true],
])("Accept-Encoding: %s wants gzip: %s", ([acceptEncoding, isWanted]) => {
  expect(wantsGzip(acceptEncoding)).toBe(isWanted);
});
