import { PinchpointError } from "./pinchpoint-error.ts";

/**
 * What integrations are told to call the pipeline of what they find.
 *
 * @throws PinchpointError where it is no name
 */
export function checkPipeline(pipeline: unknown): void {
  if (typeof pipeline === "string" && pipeline !== "") return;
  const given = JSON.stringify(pipeline);
  throw new PinchpointError("PINCH_BAD_NAME", `pipeline must be a string that is not empty, got ${given}`);
}
