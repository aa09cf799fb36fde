import type { Driver } from "./driver.ts";
import { nodeStream } from "./node-stream.ts";

/** Every integration, one line each. */
export const INTEGRATIONS: readonly Driver[] = [nodeStream];
