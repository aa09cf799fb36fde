import type { UnitOrigin } from "./exemplar-window.ts";
import { HandOver } from "./hand-over.ts";
import { runSettled } from "./settle.ts";
import type { Span } from "./span.ts";
import type { StageRecorder } from "./stage.ts";
import { SELF } from "./state-clock.ts";
import { contextOfText } from "./trace-context.ts";
import { runAs, runningWork, type Work } from "./work.ts";

export interface UnitOptions {
  readonly items: number;
  /** How many items the result passes on; as many as came in where it is not given, or fails. */
  readonly emitted?: ((result: unknown) => number) | undefined;
  /** What the unit is in a trace; null where nobody keeps spans. */
  readonly span: Span | null;
  /** What the unit's span is where that is more than its stage's. */
  readonly origin?: UnitOrigin | null;
}

/** Runs one hand-over of a stage: it works until `work` returns, or the promise that it returns is settled. */
export function runUnit<T>(
  recorder: StageRecorder,
  work: () => T,
  { items, emitted, span, origin = null }: UnitOptions,
): T {
  const startMs = recorder.nowMs();
  recorder.arrived(items);
  const handOver = new HandOver(recorder, SELF, startMs, runningWork(), span);
  return runSettled(
    () => runHolding(recorder, handOver, work, startMs),
    (isOk, result) => {
      const endMs = recorder.nowMs();
      const serviceMs = handOver.end(endMs);
      recorder.ends(span, startMs, endMs, items, isOk ? "ok" : "failed", serviceMs, origin);
      if (!isOk) {
        recorder.failed(items);
        return;
      }
      recorder.finished(items, serviceMs);
      recorder.emitted(countEmitted(emitted, result, items));
    },
  );
}

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

/** The application's own counting function may fail; then the items that came in are the best that is known. */
function countEmitted(emitted: ((result: unknown) => number) | undefined, result: unknown, items: number): number {
  if (emitted === undefined) return items;
  try {
    return countOr(emitted(result), items);
  } catch {
    return items;
  }
}

/** One count that is no count would spoil the sum for good. */
export function countOr(count: number | undefined, otherwise: number): number {
  return count !== undefined && Number.isFinite(count) && count >= 0 ? count : otherwise;
}
