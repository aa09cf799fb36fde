import { expect, test } from "vitest";
import { isComplete, wantsOtlp } from "../src/otlp.ts";

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

test("spans are kept with an SDK that has registered both its tracers and its contexts", () => {
  const [trace, context] = [{}, {}] as never[];
  expect(isComplete({})).toBe(false);
  expect(isComplete({ trace } as never)).toBe(false);
  expect(isComplete({ context } as never)).toBe(false);
  expect(isComplete({ trace, context } as never)).toBe(true);
});
