import type { Readable } from "node:stream";
import { BLOCKED, type Method, SELF, type StageRecorder } from "@pinchpoint/probe";
import { handsOverAtOnce, isAskedForMore } from "./hand-over.ts";
import { replaceIfThere } from "./method.ts";
import { endWithStream, StreamWorker } from "./stream-worker.ts";
import type { Turn } from "./turn.ts";

export const SOURCE_METHODS = ["_read", "push", "_destroy"] as const;

/**
 * A Readable is `self` from `_read` until it pushes, and `blocked` from then until it is asked again. While its `_read`
 * is on the stack, and where `push` came back with room, its code may go on: then it stays `self` (see Turn).
 */
export function observeSource(stream: Readable, stage: StageRecorder, turn: Turn): void {
  /** Asked for a chunk that it has not pushed yet. */
  let isAsked = isAskedForMore(stream);
  const worker = new StreamWorker(stage, turn, isAsked ? SELF : BLOCKED);
  const isOfBytes = !stream.readableObjectMode;
  /** Calls of `_read` that are on the stack. */
  let reads = 0;
  let workSinceMs = stage.nowMs();
  const hasPushed = () => !isAsked || worker.isEnded;

  const read = (original: Method): Method =>
    function _read(...args) {
      const startMs = stage.nowMs();
      worker.begins(startMs);
      isAsked = true;
      if (reads === 0) workSinceMs = startMs;
      reads += 1;
      const previous = stage.hold(startMs);
      // Not caught and thrown again: Node would print our line in the place of the application's.
      let hasThrown = true;
      try {
        const returned = worker.reads(original, this, args, hasPushed);
        hasThrown = false;
        return returned;
      } finally {
        if (hasThrown) {
          stage.arrived(1);
          stage.failed(1);
        }
        reads -= 1;
        const endMs = stage.nowMs();
        if (reads === 0 && !isAsked) worker.to(BLOCKED, endMs);
        stage.release(previous, endMs);
      }
    };

  const push = (original: Method): Method =>
    function push(...args) {
      const [chunk] = args;
      if (chunk === null) worker.end();
      if (worker.isEnded) return Reflect.apply(original, this, args);
      const atMs = stage.nowMs();
      const workMs = worker.isWorking ? atMs - workSinceMs : 0;
      worker.begins(atMs);
      // An empty chunk of bytes says that there is nothing now: Node hands it to nobody.
      if (!isOfBytes || chunk?.length !== 0) {
        stage.arrived(1);
        stage.finished(1, workMs);
        stage.emitted(1);
        worker.makes(chunk, atMs - workMs, atMs);
      }
      isAsked = false;
      workSinceMs = atMs;
      const isDirect = handsOverAtOnce(stream);
      if (isDirect) worker.to(BLOCKED, atMs);
      const hasRoom = Reflect.apply(original, this, args);
      if (isAsked) return hasRoom;
      if (reads === 0 && hasRoom !== true) {
        worker.to(BLOCKED, atMs);
        return hasRoom;
      }
      if (isDirect) {
        workSinceMs = stage.nowMs();
        worker.resumes(workSinceMs);
      }
      if (reads === 0) worker.goesOn();
      return hasRoom;
    };

  replaceIfThere(stream, "_read", read);
  replaceIfThere(stream, "push", push);
  endWithStream(stream, worker);
}
