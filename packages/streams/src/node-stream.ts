import stream from "node:stream";
import {
  type Attachment,
  attachOnce,
  checkPipeline,
  type Integration,
  type Recorder,
  replaceMethod,
} from "@pinchpoint/probe";
import { watchComposeCalls } from "./compose-calls.ts";
import { joinSite } from "./join-site.ts";
import { watchPipelineCalls } from "./pipeline-calls.ts";
import { StreamGraph } from "./stream-graph.ts";

export interface NodeStreamOptions {
  /** The pipeline that the streams of this process belong to, usually the application's name. */
  readonly pipeline: string;
  /**
   * What the names of this thread's stages begin with, as in `resize.js/decode`; default: nothing. Threads that run the
   * same code should have the same, so that they share stages; threads that run other code another, so that they do not.
   * Asked when a stage is named, since a thread does not know its file yet while preloads run.
   */
  readonly thread?: () => string;
}

/**
 * Finds the stages of Node streams where they are joined: by `pipe`, and so by both forms of `pipeline`, which call it;
 * functions and iterables that `pipeline` is given, and what `compose` and `Duplex.from` make streams of. Streams that are read or written by hand are not found. CommonJS
 * and ESM applications see the same prototype and the same exports. What was joined before `detach` goes on recording
 * until it ends.
 *
 * @throws PinchpointError where the pipeline has no name
 */
export function instrumentNodeStreams(recorder: Recorder, options: NodeStreamOptions): Attachment {
  checkPipeline(options.pipeline);
  return attachOnce(nodeStreams(options), stream.Readable.prototype, recorder);
}

function nodeStreams({ pipeline, thread }: NodeStreamOptions): Integration<stream.Readable> {
  return {
    name: "node-stream",
    attach: (prototype, recorder) => {
      const graph = new StreamGraph(recorder, pipeline, thread ?? null, joinSite);
      let isAttached = true;
      const restore = replaceMethod(prototype, "pipe", (original) => {
        return function pipe(this: stream.Readable, ...args) {
          const destination: unknown = args[0];
          try {
            if (isAttached && typeof destination === "object" && destination !== null) {
              graph.connect(this, destination);
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
  };
}
