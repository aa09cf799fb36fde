import type { Recorder } from "@pinchpoint/probe";
import { type Attachment, checkPipeline } from "@pinchpoint/probe/attach";
import { joinSite } from "./join-site.ts";
import { watchJoins } from "./joins.ts";
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
  const graph = streamGraph(recorder, options);
  return watchJoins(recorder, () => graph);
}

/**
 * What `watchJoins` asks for, where it is to be loaded late.
 *
 * @throws PinchpointError where the pipeline has no name
 */
export function streamGraph(recorder: Recorder, { pipeline, thread }: NodeStreamOptions): StreamGraph {
  checkPipeline(pipeline);
  return new StreamGraph(recorder, pipeline, thread ?? null, joinSite);
}
