import stream from "node:stream";
import {
  type AnyRecorder,
  type Attachment,
  attachOnce,
  type Integration,
  replaceMethod,
} from "@pinchpoint/probe/attach";
import { watchComposeCalls } from "./compose-calls.ts";
import { watchPipelineCalls } from "./pipeline-calls.ts";
import type { StreamGraph } from "./stream-graph.ts";

/**
 * Replaces what streams are joined by: `pipe`, both forms of `pipeline`, `compose` and `Duplex.from`. What makes stages of
 * streams is asked for at the first join, so that a thread which joins none does not load it.
 *
 * @param graph - the same each time; null where there can be none, and then the application is as bare
 */
export function watchJoins<By extends AnyRecorder>(recorder: By, graph: () => StreamGraph | null): Attachment {
  return attachOnce(joins(graph), stream.Readable.prototype, recorder);
}

const joins = (graph: () => StreamGraph | null): Integration<stream.Readable, AnyRecorder> => ({
  name: "node-stream",
  attach: (prototype, recorder) => {
    let isAttached = true;
    const restore = replaceMethod(prototype, "pipe", (original) => {
      return function pipe(this: stream.Readable, ...args) {
        const destination: unknown = args[0];
        try {
          if (isAttached && typeof destination === "object" && destination !== null) {
            graph()?.connect(this, destination);
          }
        } catch {
          recorder.lose("not-patched");
        }
        return Reflect.apply(original, this, args);
      };
    });
    const restoreCalls = watchPipelineCalls(graph, recorder);
    const restoreComposing = watchComposeCalls(graph, recorder);
    return {
      detach: () => {
        isAttached = false;
        restoreComposing();
        restoreCalls();
        restore();
      },
    };
  },
});
