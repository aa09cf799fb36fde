import { createRequire } from "node:module";
import { basename } from "node:path";
import * as threads from "node:worker_threads";
import { resourceLimits, threadId } from "node:worker_threads";
import { ownOsThreadId } from "@pinchpoint/machine/cpu";
import type { ApiUse } from "@pinchpoint/otel/api-use";
import type { ThreadApi } from "@pinchpoint/otel/thread-api";
import { instrumentHttpServers } from "@pinchpoint/platform/http-server";
import type * as PiscinaTasks from "@pinchpoint/pools/piscina-tasks";
import { propagatorsOf, Recorder, rootShareOf, systemClock, ThreadTracer } from "@pinchpoint/probe";
import { instrumentNodeStreams } from "@pinchpoint/streams/node-stream";
import { watchHeap } from "./heap-watch.ts";
import { includedBy } from "./include.ts";
import type { MessageTraces } from "./message-traces.ts";
import { onFileFound, onModuleLoad } from "./module-loads.ts";
import { NestedThreads } from "./nested-threads.ts";
import { instrumentPools } from "./pools.ts";
import { setSession } from "./session.ts";
import { receivedShare, shareWithWorkers } from "./thread-share.ts";
import { workerName } from "./worker-name.ts";
import { reachWatch, watchWorkers } from "./worker-watch.ts";

const load = createRequire(import.meta.url);

/** Piscina's own file, which receives the pool's tasks. */
const PISCINA_WORKER = /[\\/]piscina[\\/]dist[\\/](?:[\w-]+[\\/])?worker\.js$/;

/** Tinypool's, whose messages are as Piscina's. */
const TINYPOOL_WORKER = /[\\/]tinypool[\\/]dist[\\/]entry[\\/]worker\.js$/;

/** Begins to record in a worker thread; does nothing where its parent does not record. */
export function recordWorkerThread(): void {
  const received = receivedShare();
  if (received === null) return;
  const { share, board, pipeline, routesText, includeText, timedPerSecond, nested, lineage } = received;
  // Also where there is no slot for this one: those that it starts end with it.
  shareWithWorkers({ ...received, lineage: [...lineage, threadId] });
  const title = (threads as { threadName?: string | null }).threadName ?? "";
  const identity = { name: workerName(title, threadId), osThreadId: ownOsThreadId(), workerId: threadId, lineage };
  const recorder = Recorder.forWorker(share, systemClock(), identity, { timedPerSecond });
  if (recorder === null) return;
  // The main thread looks for itself what its workers have recorded.
  setSession({ recorder, pipeline, wake: () => {}, newReader: null });
  recorder.keepSpansFor((ring) => {
    const { OTEL_PROPAGATORS, OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG } = process.env;
    return new ThreadTracer(ring, {
      propagators: propagatorsOf(OTEL_PROPAGATORS),
      rootShare: rootShareOf(OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG),
      attributes: { "thread.id": threadId, "thread.name": identity.name },
    });
  });
  recorder.traces.whenKept(() => process.once("exit", () => recorder.traces.closeLastWindow()));
  // Workers that run one file share its stages; those of another file may have stages of the same names.
  const thread = () => basename(process.argv[1] ?? "worker");
  const { names: included } = includedBy(includeText);
  if (included.has("streams")) instrumentNodeStreams(recorder, { pipeline, thread });
  if (included.has("http-server")) instrumentHttpServers(recorder, { pipeline, thread });
  if (included.has("piscina")) instrumentPools(recorder, pipeline);
  // Calls count for stages and in traces only, and most threads of pools have neither: they do not pay for loading this.
  const withCalls = () => {
    (load("./calls.js") as typeof import("./calls.ts")).instrumentCalls(recorder, included, routesText);
  };
  recorder.onFirstStage(() => {
    withCalls();
    // Not in a thread of a pool: one that waits by Atomics never comes to its event loop, where Node hands over what it
    // has told of collections until then, so that they would pile up.
    watchHeap(recorder, board, threadId, workerHeapLimit());
  });
  // Which file the thread runs is not known yet where the preload came by --require.
  const lose = () => recorder.lose("not-patched");
  const withTasks = () => {
    const { instrumentPiscinaTasks } = load("@pinchpoint/pools/piscina-tasks") as typeof PiscinaTasks;
    instrumentPiscinaTasks(recorder, { onFirstTrace: withCalls });
  };
  if (included.has("piscina")) onModuleLoad(PISCINA_WORKER, withTasks, lose);
  const areMessagesTraced = included.has("worker-threads") && recorder.areSpansWanted;
  if (areMessagesTraced) onFileFound(TINYPOOL_WORKER, withTasks, lose);
  const watch = reachWatch(recorder, new NestedThreads(nested), thread);
  const messages = areMessagesTraced ? messageTraces(recorder, lineage) : null;
  if (areMessagesTraced) followApi(recorder);
  messages?.followPools();
  watchWorkers(recorder, new Map(), {
    began: watch.began,
    ended: (id, hasRecorded) => {
      messages?.ended(id);
      watch.ended(id, hasRecorded);
    },
  });
}

/** Loaded only where somebody may keep spans. */
function messageTraces(recorder: Recorder, lineage: readonly number[]): MessageTraces {
  const { MessageTraces } = load("./message-traces.js") as typeof import("./message-traces.ts");
  return new MessageTraces(recorder, lineage);
}

/** Spans that the application makes itself go where the stages' go. Loaded only where somebody may keep spans. */
function followApi(recorder: Recorder): void {
  const onFailure = () => recorder.lose("not-patched");
  let api: ThreadApi | null = null;
  const { ApiUse: Use } = load("@pinchpoint/otel/api-use") as typeof import("@pinchpoint/otel/api-use");
  const use: ApiUse = new Use((copy) => {
    const { ThreadApi } = load("@pinchpoint/otel/thread-api") as typeof import("@pinchpoint/otel/thread-api");
    const onLoss = () => recorder.lose("span");
    recorder.makesSpans();
    api ??= new ThreadApi({ use, traces: recorder.traces, nowMs: () => recorder.nowMs(), onFailure: onLoss });
    return api.follow(copy);
  }, onFailure);
}

function workerHeapLimit(): number | null {
  const { maxOldGenerationSizeMb } = resourceLimits;
  return maxOldGenerationSizeMb ? maxOldGenerationSizeMb * 1024 * 1024 : null;
}
