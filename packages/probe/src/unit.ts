import type { Span } from "./span.ts";
import type { StageRecorder } from "./stage.ts";
import { contextOfText } from "./trace-context.ts";
import { runAs, runningWork, type Work } from "./work.ts";

/** Runs the stage's own code: its synchronous part holds the event loop, and what it begins belongs to the hand-over. */
export function runHolding<T>(recorder: StageRecorder, own: Work, work: () => T, startMs: number): T {
  const previous = recorder.hold(startMs);
  try {
    return runAs(own, work);
  } finally {
    recorder.release(previous, recorder.nowMs());
  }
}

/**
 * What a hand-over that begins here is in a trace: a child of what the running code belongs to, or of what came with its
 * items; outside of all stages it may begin a trace.
 *
 * @param carried - the `traceparent` that came with its items
 */
export function unitSpan(recorder: StageRecorder, items: number, carried: string | undefined): Span | null {
  const { traces } = recorder;
  if (!traces.isOn) return null;
  const start = recorder.spanStart(recorder.nowMs(), items);
  const parent = (typeof carried === "string" ? contextOfText(carried) : null) ?? traces.active();
  return runningWork() === null ? traces.root(start, parent) : traces.child(start, parent);
}

/** One count that is no count would spoil the sum for good. */
export function countOr(count: number | undefined, otherwise: number): number {
  return count !== undefined && Number.isFinite(count) && count >= 0 ? count : otherwise;
}
