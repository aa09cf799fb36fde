import { type CallSite, callSite } from "@pinchpoint/probe";

/**
 * Where the application joins streams, which costs some microseconds.
 *
 * @returns null where Node joins for itself, as it does to lead a worker's stdout to the process's
 */
export function joinSite(): CallSite | null {
  return callSite(isOfStreams);
}

/** Node's streams join what an application gives them; any other part of Node joins what is its own. */
function isOfStreams(script: string): boolean {
  return /^node:(?:stream|internal\/streams\/)/.test(script);
}
