import { NO_CHANGE, type Rule } from "../candidate.ts";
import type { LoopDemand } from "../loop.ts";
import { label, percent } from "../words.ts";
import { loopOf } from "./event-loop.ts";
import { garbageFindings, onLoop } from "./garbage.ts";
import { isNearItsHeap } from "./memory.ts";

/** A collector that takes less than this of a loop's time in use is no limit, whatever else is. */
const MUCH_GARBAGE = 0.15;

/** What gains within a fifth of the best limits as well; and less garbage also saves allocating, which nobody measured. */
const SAME = 0.8;

/** Garbage collection limits: a full loop spends more on it than on the code of any stage. */
export const gcRule: Rule = {
  candidates(picture) {
    return picture.loops
      .filter((loop) => isMostlyGarbage(loop) && !isNearItsHeap(loop))
      .map((loop) => onLoop(loop, "gc"));
  },
  why: garbageFindings,
  summary(candidate) {
    return `${label(candidate.entity)} (${percent(candidate.utilisation)})`;
  },
  changes(candidate, picture) {
    const loop = loopOf(candidate, picture);
    if (loop === undefined) return [];
    const thread = loop.thread.name;
    return [
      {
        ...NO_CHANGE,
        change: `halve what ${thread} allocates`,
        eased: { threadId: loop.thread.id, part: { kind: "garbage" }, factor: 0.5 },
        // To allocate takes time too, which nobody measured.
        isLeast: true,
        step: { kind: "allocation", thread, factor: 0.5 },
      },
    ];
  },
};

/**
 * The counterfactual: half of the garbage gains as much as half of the code that holds the loop most. Collections fall
 * into whatever runs, in proportion to how long it runs.
 */
function isMostlyGarbage({ gcSeconds, busySeconds, holders, outside }: LoopDemand): boolean {
  if (gcSeconds <= MUCH_GARBAGE * busySeconds) return false;
  const mostSeconds = Math.max(holders[0]?.seconds ?? 0, outside[0]?.seconds ?? 0);
  return gcSeconds >= SAME * mostSeconds * (1 - gcSeconds / busySeconds);
}
