import type { RowDefinition } from "./row-definition.ts";

/** What has a name of its own only as long as there is room. */
export const OTHERS = "others";

/** The attribute by which OpenTelemetry's SDK marks what is beyond a limit. */
export const OVERFLOW_ATTRIBUTE = "otel.metric.overflow";

/** Where a thread records the stages for which there is no room. Nothing is told of who feeds it: that is many. */
export const OVERFLOW: RowDefinition & { kind: "stage" } = {
  kind: "stage",
  pipeline: OTHERS,
  name: OTHERS,
  role: "stage",
  workers: null,
  attributes: { [OVERFLOW_ATTRIBUTE]: "true" },
};
