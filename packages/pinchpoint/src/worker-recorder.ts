import { resourceLimits, threadId } from "node:worker_threads";
import { serverRequests } from "@pinchpoint/platform/http-server";
import { propagatorsOf, Recorder, rootShareOf, systemClock, ThreadTracer } from "@pinchpoint/probe";
import type { ClaimedSlot } from "@pinchpoint/probe/attach";
import { streamGraph } from "@pinchpoint/streams/node-stream";
import type { ArrivalParts } from "./arrivals.ts";
import { instrumentCalls } from "./calls.ts";
import { watchHeap } from "./heap-watch.ts";
import { includedBy } from "./include.ts";
import type { ThreadShare } from "./thread-share.ts";

// This file is bundled with all that it imports, of other packages too: what costs a thread is the number of files.
export const arrivalParts: ArrivalParts = { streamGraph, serverRequests };

/**
 * The recorder of this worker thread, when there is something to record.
 *
 * @param name - of the thread
 */
export function workerRecorder(claimed: ClaimedSlot, received: ThreadShare, name: string): Recorder {
  const { timedPerSecond, board } = received;
  const recorder = Recorder.forClaimed(claimed, systemClock(), { timedPerSecond });
  recorder.keepSpansFor((ring) => {
    const { OTEL_PROPAGATORS, OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG } = process.env;
    return new ThreadTracer(ring, {
      propagators: propagatorsOf(OTEL_PROPAGATORS),
      rootShare: rootShareOf(OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG),
      attributes: { "thread.id": threadId, "thread.name": name },
    });
  });
  recorder.traces.whenKept(() => process.once("exit", () => recorder.traces.closeLastWindow()));
  recorder.onFirstStage(() => {
    watchCalls(recorder, received);
    // Not in a thread of a pool: one that waits by Atomics never comes to its event loop, where Node hands over what it
    // has told of collections until then, so that they would pile up.
    watchHeap(recorder, board, threadId, workerHeapLimit());
  });
  return recorder;
}

/** What this thread calls. Calls count for stages and in traces only, and most threads of pools have neither. */
export function watchCalls(recorder: Recorder, { includeText, routesText }: ThreadShare): void {
  instrumentCalls(recorder, includedBy(includeText).names, routesText);
}

function workerHeapLimit(): number | null {
  const { maxOldGenerationSizeMb } = resourceLimits;
  return maxOldGenerationSizeMb ? maxOldGenerationSizeMb * 1024 * 1024 : null;
}
