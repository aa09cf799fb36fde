import { openPipeline, type Pipeline, type PipelineOptions } from "@pinchpoint/probe";
import { currentSession } from "./session.ts";

/**
 * Opens a pipeline whose stages are declared by hand. Where nothing records in this thread, every call of its stages
 * passes straight through.
 *
 * @throws PinchpointError PINCH_BAD_NAME, PINCH_BAD_WORKERS or PINCH_BAD_CAPACITY, here and from the declarations
 */
export function pipeline(name: string, options: PipelineOptions = {}): Pipeline {
  const session = currentSession();
  const opened = openPipeline(session?.recorder ?? null, name, options);
  session?.wake();
  return opened;
}
