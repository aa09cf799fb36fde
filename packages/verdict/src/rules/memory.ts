import { NO_CHANGE, type Rule } from "../candidate.ts";
import type { LoopDemand } from "../loop.ts";
import { label, percent } from "../words.ts";
import { loopOf } from "./event-loop.ts";
import { garbageFindings, onLoop } from "./garbage.ts";

/**
 * V8 begins the next mark-sweep half of the way to the limit at the latest. From here on it lets the heap grow by less
 * than half in between, where without a limit it would often double.
 */
const NEARLY_FULL = 0.5;
/**
 * V8 tells only the pauses of what it does between them, too: in the example pauses of 12 % of a full loop went with a
 * gain of 180 % from a heap twice as large (truth.json). So a third of what matters of other garbage matters here.
 */
const MUCH_PAUSES = 0.05;
/** Mark-sweeps are what a small heap costs; other collections come from how much is allocated. */
const MOSTLY_SWEEPS = 0.5;
const MEGABYTE = 1024 * 1024;

/** The limit of the heap limits: it is nearly full, so that V8 goes through all of it again and again. */
export const memoryRule: Rule = {
  candidates(picture) {
    // Waiting for a core counts: it may be V8's own threads that take them.
    return picture.loops
      .filter(isNearItsHeap)
      .map((loop) => ({ ...onLoop(loop, "memory"), utilisation: loop.occupied }));
  },
  why(candidate, picture) {
    const heap = loopOf(candidate, picture)?.heap;
    if (!heap) return [];
    const share = heap.bytes / heap.limitBytes;
    const full = {
      text: `the heap of ${candidate.entity.name} holds ${megabytes(heap.bytes)} of ${megabytes(heap.limitBytes)} after a mark-sweep`,
      value: share,
    };
    return [full, ...garbageFindings(candidate, picture)];
  },
  summary(candidate) {
    return `${label(candidate.entity)} (${percent(candidate.utilisation)})`;
  },
  changes(candidate, picture) {
    const loop = loopOf(candidate, picture);
    if (!loop?.heap) return [];
    const { bytes, limitBytes } = loop.heap;
    const thread = loop.thread.name;
    return [
      {
        ...NO_CHANGE,
        change: `heap limit ${megabytes(limitBytes)} -> ${megabytes(2 * limitBytes)}`,
        eased: { threadId: loop.thread.id, part: { kind: "mark-sweep" }, factor: leftOfSweeps(bytes, limitBytes) },
        // What V8 does between pauses goes away with them.
        isLeast: true,
        step: { kind: "heap", thread, fromBytes: limitBytes, toBytes: 2 * limitBytes },
      },
    ];
  },
};

/** Each mark-sweep takes as long, but comes after as much more as there is room then. */
function leftOfSweeps(bytes: number, limitBytes: number): number {
  const room = Math.max(0, limitBytes - bytes);
  return room / (room + limitBytes);
}

export function isNearItsHeap({ heap, gcSeconds, markSweepSeconds, busySeconds }: LoopDemand): boolean {
  if (heap === null || heap.bytes < NEARLY_FULL * heap.limitBytes) return false;
  return gcSeconds >= MUCH_PAUSES * busySeconds && markSweepSeconds >= MOSTLY_SWEEPS * gcSeconds;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / MEGABYTE)} MB`;
}
