import { watchGc } from "@pinchpoint/machine/gc";
import { BoardSlot } from "@pinchpoint/machine/thread-board";
import type { Recorder } from "@pinchpoint/probe";

/**
 * Begins to tell this thread's garbage collections and heap on the board.
 *
 * @param limitBytes - what its old generation was given; null: as V8 tells
 */
export function watchHeap(
  recorder: Recorder,
  board: ArrayBufferLike,
  workerId: number,
  limitBytes: number | null,
): void {
  try {
    const slot = BoardSlot.claim(board, recorder.slot, workerId);
    if (slot !== null) watchGc({ slot, limitBytes });
  } catch {
    // An application may have put something else in the place of PerformanceObserver.
    recorder.lose("not-patched");
  }
}
