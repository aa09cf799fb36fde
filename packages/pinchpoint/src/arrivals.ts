import { createRequire } from "node:module";
import { watchServers } from "@pinchpoint/platform/server-channels";
import type { Recorder } from "@pinchpoint/probe";
import type { AnyRecorder } from "@pinchpoint/probe/attach";
import { watchJoins } from "@pinchpoint/streams/joins";
import type { IntegrationName } from "./integration-names.ts";

const load = createRequire(import.meta.url);

export interface ArrivalOptions {
  readonly pipeline: string;
  /** What the names of this thread's stages begin with; default: nothing. */
  readonly thread?: () => string;
}

/**
 * Where items arrive by themselves: in streams that are joined, and at servers. What makes stages of them is loaded with
 * the first.
 *
 * @param losses - the recorder, or what will be one
 * @param recorder - asked for with the first; null where there can be none
 * @param included - by the setting `include`
 */
export function watchArrivals(
  losses: AnyRecorder,
  recorder: () => Recorder | null,
  included: ReadonlySet<IntegrationName>,
  options: ArrivalOptions,
): void {
  if (included.has("streams")) {
    const graph = (made: Recorder) =>
      (load("@pinchpoint/streams/node-stream") as typeof import("@pinchpoint/streams/node-stream")).streamGraph(
        made,
        options,
      );
    watchJoins(losses, once(recorder, graph));
  }
  if (included.has("http-server")) {
    const requests = (made: Recorder) =>
      (load("@pinchpoint/platform/http-server") as typeof import("@pinchpoint/platform/http-server")).serverRequests(
        made,
        options,
      );
    watchServers(losses, once(recorder, requests));
  }
}

function once<Made>(recorder: () => Recorder | null, make: (recorder: Recorder) => Made): () => Made | null {
  let known: Made | null = null;
  return () => {
    if (known !== null) return known;
    const made = recorder();
    if (made !== null) known = make(made);
    return known;
  };
}
