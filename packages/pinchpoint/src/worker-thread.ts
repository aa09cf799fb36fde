import { basename, join } from "node:path";
import * as threads from "node:worker_threads";
import { threadId } from "node:worker_threads";
import { ownOsThreadId } from "@pinchpoint/machine/cpu";
import type { ApiUse } from "@pinchpoint/otel/api-use";
import type { ThreadApi } from "@pinchpoint/otel/thread-api";
import type * as Piscina from "@pinchpoint/pools/piscina";
import type * as PiscinaTasks from "@pinchpoint/pools/piscina-tasks";
import { type TaskReceiver, watchTaskMessages } from "@pinchpoint/pools/task-messages";
import type { Recorder } from "@pinchpoint/probe";
import { LateRecorder } from "@pinchpoint/probe/attach";
import { watchArrivals } from "./arrivals.ts";
import { guarded } from "./guarded.ts";
import { includedBy } from "./include.ts";
import type { MessageTraces } from "./message-traces.ts";
import { onFileFound, onModuleLoad } from "./module-loads.ts";
import { NestedThreads } from "./nested-threads.ts";
import { instrumentPools } from "./pools.ts";
import { setSession } from "./session.ts";
import { SharedScript } from "./shared-script.ts";
import { shareWithWorkers, type ThreadShare } from "./thread-share.ts";
import { workerName } from "./worker-name.ts";
import { reachWatch, watchWorkers } from "./worker-watch.ts";

type Recording = SharedScript<typeof import("./worker-recorder.ts")>;
const RECORDING = join(import.meta.dirname, "worker-recorder.cjs");

/** Moments at which something was recorded, after which most of what records has run. */
const FIRST_MOMENTS = 32;

/** Piscina's own file, which receives the pool's tasks. */
const PISCINA_WORKER = /[\\/]piscina[\\/]dist[\\/](?:[\w-]+[\\/])?worker\.js$/;

/** Tinypool's, whose messages are as Piscina's. */
const TINYPOOL_WORKER = /[\\/]tinypool[\\/]dist[\\/]entry[\\/]worker\.js$/;

/**
 * Begins to record in a worker thread. What records is loaded when there is something to record: most threads of pools
 * never have anything. This file is bundled with all that it imports, of other packages too, so that nothing which it
 * loads at once may keep state in a module.
 *
 * @param own - this script
 * @param load - what it loads more by
 */
export function recordWorkerThread(received: ThreadShare, own: SharedScript<unknown>, load: NodeJS.Require): void {
  const { share, pipeline, includeText, nested, lineage } = received;
  // Also where there is no slot for this one: those that it starts end with it.
  shareWithWorkers({ ...received, lineage: [...lineage, threadId] });
  const title = (threads as { threadName?: string | null }).threadName ?? "";
  const identity = { name: workerName(title, threadId), osThreadId: ownOsThreadId(), workerId: threadId, lineage };
  const recording: Recording = new SharedScript(RECORDING, load, received.recorderCode);
  const late = LateRecorder.claim(share, identity, (claimed) => {
    const recorder = recording.exports.workerRecorder(claimed, received, identity.name);
    if (recording.written > 0) return recorder;
    const write = () => {
      recording.write(1);
      // Once more, with what has run since the thread began.
      own.write(2);
    };
    recorder.onMoment(afterSome(write));
    return recorder;
  });
  if (late === null) return;
  setSession({
    get recorder() {
      return late.now();
    },
    pipeline,
    // The main thread looks for itself what its workers have recorded.
    wake: () => {},
    newReader: null,
  });
  // Workers that run one file share its stages; those of another file may have stages of the same names.
  const thread = () => basename(process.argv[1] ?? "worker");
  const { names: included } = includedBy(includeText);
  const arrivals = {
    streamGraph: () => recording.exports.arrivalParts.streamGraph,
    serverRequests: () => recording.exports.arrivalParts.serverRequests,
  };
  watchArrivals(late, late.now, arrivals, included, { pipeline, thread });
  // Which file the thread runs is not known yet where the preload came by --require.
  const lose = () => late.lose("not-patched");
  // The pool's own file has come: what makes spans of its tasks is loaded with the first task that may have one.
  const withTasks = () => void watchTaskMessages(late, taskSpans(late, recording, received, load));
  if (included.has("piscina")) {
    instrumentPools(late, late.now, () => piscinaRuns(load), pipeline);
    onModuleLoad(PISCINA_WORKER, withTasks, lose);
  }
  const tracer = included.has("worker-threads") && late.areSpansWanted ? late.now() : null;
  let messages: MessageTraces | null = null;
  if (tracer !== null) {
    onFileFound(TINYPOOL_WORKER, withTasks, lose);
    guarded(() => followApi(tracer, load), lose);
    messages = guarded(() => messageTraces(tracer, lineage, load), lose);
    messages?.followPools();
  }
  const watch = reachWatch(late.now, new NestedThreads(nested), thread);
  watchWorkers(late.now, new Map(), {
    began: watch.began,
    ended: (id, hasRecorded) => {
      messages?.ended(id);
      watch.ended(id, hasRecorded);
    },
  });
  own.write(1);
}

/** Loaded only where the thread has a pool of its own that has a task. */
function piscinaRuns(load: NodeJS.Require): typeof Piscina.recordRuns {
  return (load("@pinchpoint/pools/piscina") as typeof Piscina).recordRuns;
}

/** A listener that does something once, in good time for threads that begin together with this one. */
function afterSome(act: () => void): (atMs: number) => number {
  let moments = 0;
  return (atMs) => {
    moments += 1;
    if (moments < FIRST_MOMENTS) return atMs;
    act();
    return Number.POSITIVE_INFINITY;
  };
}

function taskSpans(
  late: LateRecorder,
  recording: Recording,
  received: ThreadShare,
  load: NodeJS.Require,
): () => TaskReceiver | null {
  let spans: TaskReceiver | null = null;
  return () => {
    if (spans !== null || !late.areSpansKept) return spans;
    const recorder = late.now();
    if (recorder === null) return null;
    const { TaskSpans } = load("@pinchpoint/pools/piscina-tasks") as typeof PiscinaTasks;
    spans = new TaskSpans(recorder, { onFirstTrace: () => recording.exports.watchCalls(recorder, received) });
    return spans;
  };
}

/** Loaded only where somebody may keep spans. */
function messageTraces(recorder: Recorder, lineage: readonly number[], load: NodeJS.Require): MessageTraces {
  const { MessageTraces } = load("./message-traces.js") as typeof import("./message-traces.ts");
  return new MessageTraces(recorder, lineage);
}

/** Spans that the application makes itself go where the stages' go. Loaded only where somebody may keep spans. */
function followApi(recorder: Recorder, load: NodeJS.Require): void {
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
