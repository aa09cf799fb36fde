import { expect, test } from "vitest";
import { areSpansWanted, wantsOtlp } from "../src/spans-wanted.ts";
import { startSdk } from "./running-sdk.ts";

const endpoint = "http://127.0.0.1:4318";

test.each<[Record<string, string | undefined>, boolean]>([
  [{}, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "" }, false],
  [{ OTEL_SERVICE_NAME: "features", OTEL_TRACES_EXPORTER: "otlp" }, false],
  [{ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: endpoint }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint }, true],
  [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: endpoint }, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: "TRUE" }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: "false" }, true],
])("of the environment %j it is known whether it asks for OTLP: %s", (environment, isWanted) => {
  expect(wantsOtlp(environment)).toBe(isWanted);
});

test("spans are wanted where an SDK is registered, or will be", () => {
  expect(areSpansWanted({})).toBe(false);
  expect(areSpansWanted({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toBe(true);
  startSdk();
  expect(areSpansWanted({})).toBe(true);
});
