import { workerData } from "node:worker_threads";
import type { SlabShare } from "../src/claimed-slot.ts";
import { systemClock } from "../src/clock.ts";
import { Recorder } from "../src/recorder.ts";
import { ThreadTracer } from "../src/thread-tracer.ts";
import { contextOfText } from "../src/trace-context.ts";

/** What a thread with spans is given. */
export interface WorkerSpanning {
  readonly share: SlabShare;
  readonly workerId: number;
  /** The `traceparent` of all its spans. */
  readonly parent: string;
  /** How many spans it has begun, how many of them have ended, and how many were taken of it. */
  readonly acknowledged: Int32Array;
}

/** Fewer than fill its ring: what finds no room is another case. */
const MOST_UNTAKEN = 300;

const { share, workerId, parent, acknowledged } = workerData as WorkerSpanning;
const recorder = Recorder.forWorker(share, systemClock(), { name: "spanning", osThreadId: null, workerId });
if (recorder === null) throw new Error("no slab left");
recorder.keepSpansFor((ring) => new ThreadTracer(ring, { propagators: [], rootShare: 1, attributes: {} }));
const context = contextOfText(parent);
for (let span = 1; ; span++) {
  while (span - Atomics.load(acknowledged, 2) > MOST_UNTAKEN);
  const start = { name: String(span), kind: "internal", atMs: recorder.nowMs(), attributes: {} } as const;
  const begun = recorder.traces.child(start, context);
  Atomics.store(acknowledged, 0, span);
  begun?.end(recorder.nowMs(), "ok");
  Atomics.store(acknowledged, 1, span);
}
