import {
  type Attachment,
  attachOnce,
  carriedText,
  checkPipeline,
  type Method,
  type Recorder,
  replaceMethods,
} from "@pinchpoint/probe";
import { fileLabel } from "./file-label.ts";
import { classesOf } from "./piscina-classes.ts";
import { PISCINA, type PiscinaClass, type RunRecorder, replaceRun } from "./piscina-runs.ts";
import { openTask, type PoolTask } from "./pool-task.ts";
import { derivePromise } from "./settled.ts";
import { TaskLinks } from "./task-links.ts";
import { TracedMessages } from "./traced-messages.ts";

export interface PiscinaOptions {
  /** The pipeline of tasks that no stage asked for, usually the application's name. */
  readonly pipeline: string;
}

/** Files whose labels are kept. */
const MOST_LABELS = 64;

/** What is read of a pool. */
interface Pool {
  readonly options: {
    readonly filename: string | null;
    readonly maxThreads: number;
    readonly concurrentTasksPerWorker: number;
  };
}

/**
 * Records each task of all pools, those that exist already too: how long it queued, until Piscina posts it to a worker;
 * and how long it ran, until its promise is settled. It is a call of the stage that called `run`, for queued tasks too;
 * where no stage did, a hand-over of a stage named after the worker's file. Tasks that run at `detach` are recorded
 * until they end; what is queued then counts as queued until its end.
 *
 * @throws PinchpointError where the pipeline has no name
 */
export function instrumentPiscina(recorder: Recorder, piscinaClass: PiscinaClass, options: PiscinaOptions): Attachment {
  checkPipeline(options.pipeline);
  const attach = () => {
    const runs = recordRuns(recorder, piscinaClass, options);
    const known = () => runs;
    return replaceRun(piscinaClass, known, known);
  };
  return attachOnce({ name: PISCINA, attach }, piscinaClass, recorder);
}

/**
 * Begins to record what the pools of a class are given.
 *
 * @throws TypeError where Piscina's own classes are not found
 */
export function recordRuns(recorder: Recorder, piscinaClass: PiscinaClass, { pipeline }: PiscinaOptions): RunRecorder {
  const links = new TaskLinks();
  const labels = new Map<string, string>();
  const { worker, taskModule } = classesOf(piscinaClass);
  const restore = replaceMethods([
    [taskModule, "TaskInfo", (original) => links.linking(original)],
    [worker, "postTask", (original) => posting(recorder, links, original)],
  ]);
  return {
    run: (original, pool, args) => {
      const task = taskOf(recorder, pipeline, labels, pool as Pool, args[1]);
      return task === null ? Reflect.apply(original, pool, args) : runTask(recorder, task, links, original, pool, args);
    },
    detach: restore,
  };
}

/** A worker is handed a task: it waits no more, and goes on with the trace of whoever asked. */
function posting(recorder: Recorder, links: TaskLinks, original: Method): Method {
  const messages = new TracedMessages();
  return function postTask(this: { readonly port?: unknown }, ...args) {
    let carried: string | null = null;
    try {
      const task = links.of(args[0]);
      task?.uses(recorder.nowMs());
      carried = carriedText(task?.span ?? null);
      if (carried !== null) messages.watch(this.port);
    } catch {
      recorder.lose("not-patched");
    }
    return carried === null ? Reflect.apply(original, this, args) : messages.with(carried, original, this, args);
  };
}

/** The task that a pool is about to be given; null, and counted, where it cannot be recorded. */
function taskOf(
  recorder: Recorder,
  pipeline: string,
  labels: Map<string, string>,
  pool: Pool,
  runOptions: unknown,
): PoolTask | null {
  try {
    return openedTask(recorder, pipeline, labels, pool, runOptions);
  } catch {
    recorder.lose("not-patched");
    return null;
  }
}

/** @returns null where no worker's file is named: Piscina rejects such a task itself, without making one */
function openedTask(
  recorder: Recorder,
  pipeline: string,
  labels: Map<string, string>,
  pool: Pool,
  runOptions: unknown,
): PoolTask | null {
  const { filename, maxThreads, concurrentTasksPerWorker } = pool.options;
  const own: unknown =
    typeof runOptions === "object" && runOptions !== null ? Reflect.get(runOptions, "filename") : null;
  const file = own ?? filename;
  if (typeof file !== "string") return null;
  // Piscina's own default is half as many threads again as there are cores, and it starts a whole one for a half.
  const capacity = Math.ceil(maxThreads) * concurrentTasksPerWorker;
  let name = labels.get(file);
  if (name === undefined) {
    name = fileLabel(file);
    // As many files as a thread has room for; a file for each task would fill the memory.
    if (labels.size < MOST_LABELS) labels.set(file, name);
  }
  return openTask(recorder, { pipeline, name, capacity });
}

/** Submits a task, and ends it once, whatever becomes of it. */
function runTask(
  recorder: Recorder,
  task: PoolTask,
  links: TaskLinks,
  run: Method,
  pool: object,
  args: readonly unknown[],
): unknown {
  let promise: unknown;
  // Not caught and thrown again: Node would print our line in the place of the application's.
  let hasThrown = true;
  const before = links.submits(task);
  try {
    promise = Reflect.apply(run, pool, args);
    hasThrown = false;
  } finally {
    links.submits(before);
    if (hasThrown) task.end(recorder.nowMs(), "failed");
  }
  const derived = derivePromise(promise, (isOk) => task.end(recorder.nowMs(), isOk ? "ok" : "failed"));
  if (derived !== null) return derived;
  // Somebody else's `run`, whose answer cannot be watched.
  task.end(recorder.nowMs(), "unknown");
  recorder.lose("not-patched");
  return promise;
}
