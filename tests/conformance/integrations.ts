import type { Driver } from "./driver.ts";
import { nodeStream } from "./node-stream.ts";
import { pipelineFunctions } from "./pipeline-functions.ts";

/** Every integration, one line each. */
export const INTEGRATIONS: readonly Driver[] = [nodeStream, pipelineFunctions];
