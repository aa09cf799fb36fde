import { createRequire } from "node:module";
import { basename } from "node:path";
import * as threads from "node:worker_threads";
import { threadId } from "node:worker_threads";
import { ownOsThreadId } from "@pinchpoint/machine/cpu";
import { instrumentHttpServers } from "@pinchpoint/platform/http-server";
import { Recorder, systemClock } from "@pinchpoint/probe";
import { instrumentNodeStreams } from "@pinchpoint/streams/node-stream";
import { instrumentPools } from "./pools.ts";
import { setSession } from "./session.ts";
import { receivedShare } from "./thread-share.ts";
import { workerName } from "./worker-name.ts";
import { watchWorkers } from "./worker-watch.ts";

const load = createRequire(import.meta.url);

/** Begins to record in a worker thread; does nothing where its parent does not record. */
export function recordWorkerThread(): void {
  const received = receivedShare();
  if (received === null) return;
  const { share, pipeline, routesText } = received;
  const title = (threads as { threadName?: string | null }).threadName ?? "";
  const identity = { name: workerName(title, threadId), osThreadId: ownOsThreadId(), workerId: threadId };
  const recorder = Recorder.forWorker(share, systemClock(), identity);
  if (recorder === null) return;
  // The main thread looks for itself what its workers have recorded.
  setSession({ recorder, pipeline, wake: () => {} });
  // Workers that run one file share its stages; those of another file may have stages of the same names.
  const thread = () => basename(process.argv[1] ?? "worker");
  instrumentNodeStreams(recorder, { pipeline, thread });
  instrumentHttpServers(recorder, { pipeline, thread });
  instrumentPools(recorder, pipeline);
  // Calls count for stages only, and most threads of pools have none: they do not pay for loading this.
  recorder.onFirstStage(() => {
    (load("./calls.js") as typeof import("./calls.ts")).instrumentCalls(recorder, routesText);
  });
  watchWorkers(recorder, new Map());
}
