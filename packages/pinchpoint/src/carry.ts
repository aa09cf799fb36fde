import { textOfContext } from "@pinchpoint/probe";
import { currentSession } from "./session.ts";

/**
 * The `traceparent` (W3C Trace Context) of the code that runs, to be sent along with an item: whoever takes it gives it to
 * `stage.run(work, { parent })`, in another thread, process or service.
 *
 * @returns null where nothing records, nobody keeps spans, or the code belongs to no trace
 */
export function carry(): string | null {
  const context = currentSession()?.recorder?.traces.active() ?? null;
  return context === null ? null : textOfContext(context);
}
