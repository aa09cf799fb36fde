import { AsyncLocalStorage } from "node:async_hooks";
import type { Worker } from "node:worker_threads";
import { givenHeapLimit } from "@pinchpoint/machine/memory";
import { newBoard } from "@pinchpoint/machine/thread-board";
import { instrumentTimers } from "@pinchpoint/machine/timers";
import { areSpansWanted } from "@pinchpoint/otel/spans-wanted";
import { serverRequests } from "@pinchpoint/platform/http-server";
import { recordRuns } from "@pinchpoint/pools/piscina";
import { instrumentWorkerThreads } from "@pinchpoint/pools/worker-threads";
import { MAX_THREADS, Recorder, type Snapshot, systemClock } from "@pinchpoint/probe";
import { streamGraph } from "@pinchpoint/streams/node-stream";
import { watchArrivals } from "./arrivals.ts";
import { instrumentCalls } from "./calls.ts";
import { complain, RECORDING_ENDED, recordingEnded } from "./complaint.ts";
import type { Settings } from "./config.ts";
import { watchHeap } from "./heap-watch.ts";
import { Heartbeat } from "./heartbeat.ts";
import { includedBy } from "./include.ts";
import { MessageTraces } from "./message-traces.ts";
import { Output } from "./output.ts";
import { instrumentPools } from "./pools.ts";
import { setSession } from "./session.ts";
import { newCodeMemory } from "./shared-script.ts";
import { shareWithWorkers } from "./thread-share.ts";
import { timedOf } from "./timed-setting.ts";
import { tracesOf } from "./traces-setting.ts";
import { UnreachedThreads } from "./unreached-threads.ts";
import { watchWorkers } from "./worker-watch.ts";

const ARRIVALS = { streamGraph: () => streamGraph, serverRequests: () => serverRequests };

/**
 * Begins to record in the main thread. What hands over and serves is made when there is something to record. This file
 * is bundled with all that it imports, of other packages too: what costs a process is the number of files.
 */
export function recordMainThread(pipeline: string, settings: Settings): Recorder {
  const osThreadId = process.platform === "linux" ? process.pid : null;
  const { perSecond: timedPerSecond } = timedOf(settings.timedText);
  const identity = { name: "main", osThreadId, workerId: 0 };
  const recorder = Recorder.forProcess(systemClock(), identity, { timedPerSecond });
  const workers = new Map<number, Worker>();
  const { share } = recorder;
  const isShared = share.arena !== null;
  const board = newBoard(MAX_THREADS, isShared);
  const { routesText, includeText } = settings;
  const { names: included } = includedBy(includeText);
  const unreached = new UnreachedThreads(included.has("worker-threads"), isShared);
  let first: Snapshot | null = null;
  let output: Output | null = null;
  const made = (): Output => {
    output ??= new Output({
      recorder,
      workers,
      board,
      pipeline,
      settings,
      first: first ?? recorder.snapshot(),
      unreached,
    });
    return output;
  };
  const heartbeat = new Heartbeat({
    nowMs: () => recorder.nowMs(),
    // The application's context of the first item must be neither seen nor kept alive by what runs until the end.
    inOwnContext: AsyncLocalStorage.snapshot(),
    // What comes later is counted from here, so that nothing of a short run is lost.
    begin: () => {
      first = recorder.snapshot();
      watchHeap(recorder, board, 0, givenHeapLimit(nodeOptionsOf(process)));
    },
    make: made,
    onFailed: (error) => complain(settings.handOverFolder, RECORDING_ENDED, recordingEnded(error)),
  });
  const wake = () => heartbeat.wake();
  recorder.onMoment((atMs) => heartbeat.moment(atMs));
  process.on("exit", () => heartbeat.end());
  const mayTrace = isShared && tracesOf(settings.tracesText).perSecond > 0;
  const wantsSpans = () => areSpansWanted(process.env);
  if (mayTrace && wantsSpans()) recorder.wantSpans();
  const messages = mayTrace && included.has("worker-threads") ? new MessageTraces(recorder, [], wantsSpans) : null;
  messages?.followPools();
  watchWorkers(() => recorder, workers, {
    began: () => {
      if (!isShared) recorder.lose("thread-limit");
      wake();
    },
    ended: (threadId, hasRecorded) => {
      messages?.ended(threadId);
      // Its slot, and so its id in snapshots, may be another one's soon.
      if (hasRecorded) unreached.recorded(threadId);
    },
  });
  // Memory that is not shared would be copied for each of them.
  if (isShared) {
    const { memory: nested } = unreached.nested;
    const ofAll = { pipeline, routesText, includeText, timedPerSecond };
    const code = { threadCode: newCodeMemory(), recorderCode: newCodeMemory() };
    shareWithWorkers({ share, board, ...code, ...ofAll, nested, lineage: [] });
  }
  if (included.has("timers")) instrumentTimers(recorder);
  watchArrivals(recorder, () => recorder, ARRIVALS, included, { pipeline });
  // At once: which files they run is seen when workers are made.
  if (included.has("worker-threads")) instrumentWorkerThreads(recorder);
  // Calls count for stages only. To follow them is to load node:http, which the application may not do.
  recorder.onFirstStage(() => instrumentCalls(recorder, included, routesText));
  if (included.has("piscina")) {
    instrumentPools(
      recorder,
      () => recorder,
      () => recordRuns,
      pipeline,
    );
  }
  setSession({ recorder, pipeline, wake, newReader: () => made().newReader() });
  return recorder;
}

function nodeOptionsOf({ env, execArgv }: Pick<NodeJS.Process, "env" | "execArgv">): string[] {
  return [...(env.NODE_OPTIONS ?? "").split(/\s+/), ...execArgv];
}
