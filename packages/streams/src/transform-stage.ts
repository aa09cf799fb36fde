import type { Transform } from "node:stream";
import { BLOCKED, type Method, STARVED, type StageRecorder } from "@pinchpoint/probe";
import { handsOverAtOnce } from "./hand-over.ts";
import { replaceIfThere } from "./method.ts";
import { StreamWorker } from "./stream-worker.ts";
import type { Turn } from "./turn.ts";
import { endWithStream, onCallback, workingUntilCallback } from "./watched-methods.ts";

export const TRANSFORM_METHODS = ["_write", "_transform", "push", "_destroy"] as const;

/**
 * A Transform is `self` from `_write` until it calls back from `_transform`, then `blocked` until its readable side has
 * room (Node holds back the callback of `_write` until `_read`), then `starved` until the next chunk. What passes within
 * its `push` is the consumer's, and so `blocked` too.
 */
export function observeTransform(stream: Transform, stage: StageRecorder, turn: Turn): void {
  const worker = new StreamWorker(stage, turn, STARVED, stream);
  const isOfZlib = inheritsFrom(stream, "ZlibBase");
  let isWaitingForRoom = false;
  let isClosed = false;
  /** The hand-over that `_transform` was called for last: it may call itself, with parts of a chunk. */
  let transformed = 0;
  /** Several items in one hand-over: `_transform` of one of them does not finish it. */
  let isBatch = false;

  const accepted = onCallback((isOk) => {
    if (worker.passed(isOk)) return;
    const atMs = stage.nowMs();
    // Already finished, unless a `_write` of its own calls back without `_transform`.
    worker.finishes(isOk, atMs);
    worker.to(STARVED, atMs);
  });

  const write = (original: Method): Method =>
    function _write(chunk, encoding, callback) {
      // biome-ignore lint/complexity/noArguments: rest parameters would cost an array for each item
      const { length } = arguments;
      if (length !== 3 || worker.handOver !== 0 || typeof callback !== "function") {
        // biome-ignore lint/complexity/noArguments: as above
        return Reflect.apply(original, this, arguments);
      }
      isBatch = false;
      const done = accepted(callback);
      if (worker.mayPass(STARVED)) return worker.passesOn(this, original, chunk, encoding, done);
      return worker.takes(1, chunk, this, original, [chunk, encoding, done]);
    };

  const writev = (original: Method): Method =>
    function _writev(...args) {
      if (worker.handOver !== 0 || typeof args[1] !== "function") return Reflect.apply(original, this, args);
      args[1] = accepted(args[1]);
      isBatch = true;
      return worker.takes(args[0].length, args[0][0]?.chunk, this, original, args);
    };

  const transform = (original: Method): Method =>
    function _transform(chunk, encoding, callback) {
      if (worker.isPassing) return original.call(this, chunk, encoding, callback);
      const { handOver } = worker;
      if (isBatch || handOver === 0 || handOver === transformed || typeof callback !== "function") {
        // biome-ignore lint/complexity/noArguments: rest parameters would cost an array for each item
        return Reflect.apply(original, this, arguments);
      }
      transformed = handOver;
      // Two parameters, as Node's own has, and as many arguments as are given.
      return original.call(this, chunk, encoding, function (this: unknown, error: unknown, _chunk: unknown) {
        if (worker.handOver === handOver) {
          const atMs = stage.nowMs();
          worker.finishes(!error, atMs);
          worker.to(BLOCKED, atMs);
          isWaitingForRoom = false;
        }
        // biome-ignore lint/complexity/noArguments: rest parameters would cost an array for each item
        return Reflect.apply(callback, this, arguments);
      });
    };

  const push = (original: Method): Method =>
    function push(chunk) {
      // biome-ignore lint/complexity/noArguments: rest parameters would cost an array for each item
      const args = arguments;
      if (worker.isPassing && chunk !== null) {
        stage.emitted(1);
        return args.length === 1 ? original.call(this, chunk) : Reflect.apply(original, this, args);
      }
      if (chunk === null) {
        isClosed = true;
        // Where it ends its output in the middle of a chunk, it has that chunk to finish.
        if (worker.handOver === 0) worker.end();
      }
      if (isClosed || worker.isEnded) return Reflect.apply(original, this, args);
      stage.emitted(1);
      worker.handsOn(chunk);
      if (!worker.isWorking) return Reflect.apply(original, this, args);
      const isDirect = handsOverAtOnce(stream);
      if (isDirect) worker.to(BLOCKED, stage.nowMs());
      const hasRoom = Reflect.apply(original, this, args);
      isWaitingForRoom = isOfZlib && hasRoom === false;
      if (isWaitingForRoom) worker.to(BLOCKED, stage.nowMs());
      else if (isDirect) worker.resumes(stage.nowMs());
      return hasRoom;
    };

  // zlib is the one Transform of Node's that stops in the middle of a chunk while its output has no room.
  const read = (original: Method): Method =>
    function _read(...args) {
      if (isWaitingForRoom) {
        isWaitingForRoom = false;
        worker.resumes(stage.nowMs());
      }
      return Reflect.apply(original, this, args);
    };

  replaceIfThere(stream, "_write", write);
  replaceIfThere(stream, "_writev", writev);
  replaceIfThere(stream, "_transform", transform);
  replaceIfThere(
    stream,
    "_construct",
    workingUntilCallback(worker, (atMs) => worker.to(STARVED, atMs)),
  );
  replaceIfThere(
    stream,
    "_flush",
    workingUntilCallback(worker, (atMs) => worker.to(BLOCKED, atMs)),
  );
  replaceIfThere(stream, "push", push);
  if (isOfZlib) replaceIfThere(stream, "_read", read);
  endWithStream(stream, worker);
}

function inheritsFrom(stream: object, className: string): boolean {
  for (let from = Object.getPrototypeOf(stream); from !== null; from = Object.getPrototypeOf(from)) {
    if (from.constructor?.name === className) return true;
  }
  return false;
}
