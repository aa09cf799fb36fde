import { type HeapSource, oldGenerationOf, systemHeap } from "./memory.ts";
import type { BoardSlot, GcKind } from "./thread-board.ts";

/** A pause of the thread, as `PerformanceObserver` tells it. */
export interface GcPause {
  readonly durationMs: number;
  /** One of `perf_hooks.constants.NODE_PERFORMANCE_GC_*`. */
  readonly kindCode: number;
}

export interface GcWatchOptions {
  /** Where it is written to. */
  readonly slot: BoardSlot;
  /** What V8's old generation may have, in bytes; null: as V8 tells. */
  readonly limitBytes: number | null;
  readonly heap?: HeapSource;
  /** Begins to tell pauses, and returns what ends it. */
  readonly observe?: (told: (pause: GcPause) => void) => () => void;
}

/** By Node's codes, which are bits. */
const KINDS: Readonly<Record<number, GcKind>> = { 1: "minor", 4: "major", 8: "incremental", 16: "weakcb" };

/**
 * The garbage collections of the calling thread, and its heap after each mark-sweep. V8 tells them to the thread itself
 * only. It tells pauses: the steps of a mark-sweep between two of them are not in it, nor what other threads of V8 help
 * with. It keeps no process alive and costs some 5 µs a collection, and 30 µs more a mark-sweep.
 *
 * @returns ends it
 */
export function watchGc(options: GcWatchOptions): () => void {
  const { slot, limitBytes, heap = systemHeap, observe = observePauses } = options;
  return observe(({ durationMs, kindCode }) => {
    const kind = KINDS[kindCode];
    if (kind === undefined) return;
    slot.collected(kind, durationMs / 1000);
    if (kind !== "major") return;
    const { bytes, limitBytes: ownLimitBytes, spaces } = oldGenerationOf(heap());
    slot.heap(bytes, limitBytes ?? ownLimitBytes, spaces);
  });
}

/** What Node's entries have besides those of browsers. */
interface NodeEntry {
  readonly detail: { readonly kind: number };
}

function observePauses(told: (pause: GcPause) => void): () => void {
  // The global one: an import would load all of perf_hooks.
  const observer = new globalThis.PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as unknown as NodeEntry).detail;
      told({ durationMs: entry.duration, kindCode: kind });
    }
  });
  observer.observe({ type: "gc" });
  return () => observer.disconnect();
}
