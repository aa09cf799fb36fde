import type { Component } from "./graph.ts";
import { STATES } from "./recording.ts";
import type { StagePart, WindowSignals } from "./signal.ts";

/** The stage id under which small holders of other pipelines are taken together; no recorded id is below 0. */
export const REST = -1;
/** Another pipeline's stage keeps its name if it held at least this share of what stages held of the thread. */
const WORTH_KEEPING = 0.01;

/**
 * The windows with only the rows that can matter to one component: its own, and whoever else held its threads. A
 * process with hundreds of small pipelines would else cost each of them the work of all.
 */
export function focusedOn(component: Component, windows: readonly WindowSignals[]): WindowSignals[] {
  const [first] = windows;
  if (first === undefined) return [];
  const own = new Set(component.stages.map((stage) => stage.id));
  const threads = new Set(first.stages.filter((part) => own.has(part.stage)).map((part) => part.thread));
  const held = first.stages.map((_, row) =>
    windows.reduce((sum, window) => sum + (window.stages[row]?.loopHeldSeconds ?? 0), 0),
  );
  const heldOn = new Map<number, number>();
  for (const [row, part] of first.stages.entries())
    heldOn.set(part.thread, (heldOn.get(part.thread) ?? 0) + (held[row] ?? 0));
  const isKept = first.stages.map(
    (part, row) =>
      own.has(part.stage) ||
      (threads.has(part.thread) &&
        (held[row] ?? 0) > 0 &&
        (held[row] ?? 0) >= WORTH_KEEPING * (heldOn.get(part.thread) ?? 0)),
  );
  return windows.map((window) => ({
    ...window,
    stages: [
      ...window.stages.filter((_, row) => isKept[row]),
      ...[...threads].map((thread) =>
        restOn(
          thread,
          window.stages.filter((part, row) => part.thread === thread && !isKept[row]),
        ),
      ),
    ],
  }));
}

function restOn(thread: number, parts: readonly StagePart[]): StagePart {
  const sum = (value: (part: StagePart) => number): number => parts.reduce((all, part) => all + value(part), 0);
  return {
    stage: REST,
    thread,
    units: sum((part) => part.units),
    items: 0,
    emitted: 0,
    errors: 0,
    dropped: 0,
    stateSeconds: STATES.map(() => 0),
    liveSeconds: 0,
    idleLiveSeconds: 0,
    loopHeldSeconds: sum((part) => part.loopHeldSeconds),
    loopHeldSquared: sum((part) => part.loopHeldSquared),
    loopOverlapSeconds: 0,
  };
}
