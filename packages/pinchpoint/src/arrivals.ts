import { watchServers } from "@pinchpoint/platform/server-channels";
import type { Recorder } from "@pinchpoint/probe";
import type { AnyRecorder } from "@pinchpoint/probe/attach";
import { watchJoins } from "@pinchpoint/streams/joins";
import type { IntegrationName } from "./integration-names.ts";

export interface ArrivalOptions {
  readonly pipeline: string;
  /** What the names of this thread's stages begin with; default: nothing. */
  readonly thread?: () => string;
}

/** What makes stages of what arrives. */
export interface ArrivalParts {
  readonly streamGraph: typeof import("@pinchpoint/streams/node-stream").streamGraph;
  readonly serverRequests: typeof import("@pinchpoint/platform/http-server").serverRequests;
}

/**
 * Where items arrive by themselves: in streams that are joined, and at servers. What makes stages of them is loaded with
 * the first.
 *
 * @param losses - the recorder, or what will be one
 * @param recorder - asked for with the first; null where there can be none
 * @param parts - loads them
 * @param included - by the setting `include`
 */
export function watchArrivals(
  losses: AnyRecorder,
  recorder: () => Recorder | null,
  parts: { readonly [Part in keyof ArrivalParts]: () => ArrivalParts[Part] },
  included: ReadonlySet<IntegrationName>,
  options: ArrivalOptions,
): void {
  if (included.has("streams")) {
    watchJoins(
      losses,
      once(recorder, (made) => parts.streamGraph()(made, options)),
    );
  }
  if (included.has("http-server")) {
    watchServers(
      losses,
      once(recorder, (made) => parts.serverRequests()(made, options)),
    );
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
