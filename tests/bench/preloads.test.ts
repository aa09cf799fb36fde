import { expect, test } from "vitest";
import { disabledPinchpoint, NO_PRELOAD, PINCHPOINT, runsAlone } from "../../bench/src/preloads.ts";

const OURS = "pinchpoint.recorder/v1";
const SDK = "opentelemetry.js.api.1";

test.for([
  ["Pinchpoint runs", PINCHPOINT, [OURS, "of somebody else"], 1],
  ["it does not run", PINCHPOINT, ["of somebody else"], 0],
  ["an SDK runs beside it", PINCHPOINT, [OURS, SDK], 0],
  ["nothing runs where nothing is to run", NO_PRELOAD, [], 1],
  ["an SDK runs where nothing is to run", NO_PRELOAD, [SDK], 0],
  ["it is disabled", disabledPinchpoint("OTEL_SDK_DISABLED"), [], 1],
  ["it runs although it is disabled", disabledPinchpoint("OTEL_SDK_DISABLED"), [OURS], 0],
] as const)("by its symbol it is told whether %s", ([, preload, globals, recorded]) => {
  expect(runsAlone(preload, globals)).toMatchObject({ done: 1, recorded });
});
