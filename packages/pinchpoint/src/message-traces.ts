import { subscribe } from "node:diagnostics_channel";
import { createRequire } from "node:module";
import type { Worker } from "node:worker_threads";
import type { MessageContexts } from "@pinchpoint/pools/message-contexts";
import type { WorkerpoolClass } from "@pinchpoint/pools/workerpool";
import type { Recorder } from "@pinchpoint/probe";
import { guarded } from "./guarded.ts";
import { onModuleLoad } from "./module-loads.ts";

const load = createRequire(import.meta.filename);

/** Node tells of a worker there before whoever made it can post to it. */
const CHANNEL = "worker_threads";

/** Files of workerpool that have a class of the same name each. */
const WORKERPOOL = /[\\/]workerpool[\\/]src[\\/](?:Pool|WorkerHandler)\.js$/;

/**
 * Messages between this thread and the worker threads that it starts, and whoever started it, as parts of traces; from when
 * spans are wanted, and nothing before that.
 */
export class MessageTraces {
  readonly #recorder: Recorder;
  readonly #lineage: readonly number[];
  #contexts: MessageContexts | null = null;
  #hasFailed = false;

  /**
   * @param lineage - `threadId` of the worker threads that this one descends from, that of the main thread's first
   * @param mayWant - asked at each worker that is made whether anybody keeps spans by now, who may not have said so
   */
  constructor(recorder: Recorder, lineage: readonly number[], mayWant: () => boolean = () => false) {
    this.#recorder = recorder;
    this.#lineage = lineage;
    if (recorder.areSpansWanted) this.#begin();
    subscribe(CHANNEL, (message) => {
      if (!recorder.areSpansWanted) {
        if (!mayWant()) return;
        // The worker, which has hardly begun, asks when it comes to its preload.
        recorder.wantSpans();
      }
      this.#begin();
      this.#contexts?.watch((message as { readonly worker: Worker }).worker);
    });
  }

  /** Pools that post messages later than they are asked to, when the application loads them. */
  followPools(): void {
    const recorder = this.#recorder;
    const onLoaded = (exports: unknown) => {
      const pools = load("@pinchpoint/pools/workerpool") as typeof import("@pinchpoint/pools/workerpool");
      pools.instrumentWorkerpool(recorder, exports as WorkerpoolClass);
    };
    onModuleLoad(WORKERPOOL, onLoaded, () => recorder.lose("not-patched"));
    // Its class is watched for in what every pool is made of, for which nobody pays who has no spans.
    if (!recorder.areSpansWanted) return;
    const follow = () => {
      const { instrumentTinypool } = load("@pinchpoint/pools/tinypool") as typeof import("@pinchpoint/pools/tinypool");
      instrumentTinypool(recorder);
    };
    guarded(follow, () => recorder.lose("not-patched"));
  }

  ended(threadId: number): void {
    this.#contexts?.ended(threadId);
  }

  #begin(): void {
    if (this.#contexts !== null || this.#hasFailed) return;
    const follow = () => {
      const pools = load("@pinchpoint/pools/message-contexts") as typeof import("@pinchpoint/pools/message-contexts");
      return new pools.MessageContexts(this.#recorder, this.#lineage);
    };
    this.#contexts = guarded(follow, () => {
      this.#hasFailed = true;
      this.#recorder.lose("not-patched");
    });
  }
}
