import type { Readable } from "node:stream";
import { BLOCKED, type Method, SELF, type StageRecorder } from "@pinchpoint/probe";
import { handsOverAtOnce, isAskedForMore } from "./hand-over.ts";
import { replaceIfThere } from "./method.ts";
import { StreamWorker } from "./stream-worker.ts";
import type { Turn } from "./turn.ts";
import { endWithStream } from "./watched-methods.ts";

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

  /** A read that is counted only, unless it turns out to push later. */
  const passing = (original: Method, self: unknown, size: unknown): unknown => {
    isAsked = true;
    let hasThrown = true;
    try {
      const returned = worker.readsOn(self, original, size);
      hasThrown = false;
      return returned;
    } finally {
      if (hasThrown) {
        stage.arrived(1);
        stage.failed(1);
      } else if (!hasPushed()) {
        worker.isLate();
        workSinceMs = Number.NaN;
      }
    }
  };

  const read = (original: Method): Method =>
    function _read(...args) {
      if (reads === 0 && worker.mayPass(BLOCKED)) return passing(original, this, args[0]);
      const startMs = stage.nowMs();
      worker.begins(startMs);
      isAsked = true;
      if (reads === 0) workSinceMs = stage.timedFrom(startMs);
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
    function push(chunk) {
      // biome-ignore lint/complexity/noArguments: rest parameters would cost an array for each item
      const args = arguments;
      if (chunk === null) worker.end();
      if (worker.isEnded) return Reflect.apply(original, this, args);
      if (worker.isPassing) {
        if (!isOfBytes || chunk?.length !== 0) {
          stage.arrived(1);
          stage.passed(1);
          stage.emitted(1);
        }
        isAsked = false;
        return args.length === 1 ? original.call(this, chunk) : Reflect.apply(original, this, args);
      }
      const atMs = stage.nowMs();
      const workMs = worker.isWorking ? atMs - workSinceMs : 0;
      worker.begins(atMs);
      // An empty chunk of bytes says that there is nothing now: Node hands it to nobody.
      if (!isOfBytes || chunk?.length !== 0) {
        stage.arrived(1);
        stage.finished(1, workMs);
        stage.emitted(1);
        worker.makes(chunk, workMs > 0 ? atMs - workMs : atMs, atMs);
      }
      isAsked = false;
      workSinceMs = stage.timedFrom(atMs);
      const isDirect = handsOverAtOnce(stream);
      if (isDirect) worker.to(BLOCKED, atMs);
      const hasRoom = Reflect.apply(original, this, args);
      if (isAsked) return hasRoom;
      if (reads === 0 && hasRoom !== true) {
        worker.to(BLOCKED, atMs);
        return hasRoom;
      }
      if (isDirect) {
        const resumedMs = stage.nowMs();
        workSinceMs = stage.timedFrom(resumedMs);
        worker.resumes(resumedMs);
      }
      if (reads === 0) worker.goesOn();
      return hasRoom;
    };

  replaceIfThere(stream, "_read", read);
  replaceIfThere(stream, "push", push);
  endWithStream(stream, worker);
}
