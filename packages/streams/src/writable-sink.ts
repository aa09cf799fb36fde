import type { Writable } from "node:stream";
import { type Method, STARVED, type StageRecorder } from "@pinchpoint/probe";
import { replaceIfThere } from "./method.ts";
import { StreamWorker } from "./stream-worker.ts";
import type { Turn } from "./turn.ts";
import { endWithStream, onCallback, workingUntilCallback } from "./watched-methods.ts";

export const SINK_METHODS = ["_write", "_destroy"] as const;

/** A Writable is `self` from `_write`, `_writev` or `_final` until their callback, and `starved` in between. */
export function observeSink(stream: Writable, stage: StageRecorder, turn: Turn): void {
  const worker = new StreamWorker(stage, turn, STARVED);

  let isEnding = false;
  const endIfFinished = () => {
    if (isEnding && stream.writableLength === 0) worker.end();
  };

  const ended = onCallback((isOk) => {
    if (worker.passed(isOk)) return;
    const atMs = stage.nowMs();
    worker.finishes(isOk, atMs);
    worker.to(STARVED, atMs);
  }, endIfFinished);

  // A `_writev` may call `_write` for each of its chunks: what is within a hand-over is part of it.
  const write = (original: Method): Method =>
    function _write(chunk, encoding, callback) {
      // biome-ignore lint/complexity/noArguments: rest parameters would cost an array for each item
      const { length } = arguments;
      if (length !== 3 || worker.handOver !== 0 || typeof callback !== "function") {
        // biome-ignore lint/complexity/noArguments: as above
        return Reflect.apply(original, this, arguments);
      }
      const done = ended(callback);
      if (worker.mayPass(STARVED)) return worker.passesOn(this, original, chunk, encoding, done);
      return worker.takes(1, chunk, this, original, [chunk, encoding, done]);
    };

  const writev = (original: Method): Method =>
    function _writev(...args) {
      if (worker.handOver !== 0 || typeof args[1] !== "function") return Reflect.apply(original, this, args);
      args[1] = ended(args[1]);
      return worker.takes(args[0].length, args[0][0]?.chunk, this, original, args);
    };

  const end = (original: Method): Method =>
    function end(...args) {
      const returned = Reflect.apply(original, this, args);
      isEnding = true;
      endIfFinished();
      return returned;
    };

  replaceIfThere(stream, "_write", write);
  replaceIfThere(stream, "_writev", writev);
  replaceIfThere(
    stream,
    "_construct",
    workingUntilCallback(worker, (atMs) => worker.to(STARVED, atMs)),
  );
  if (typeof stream._final === "function") {
    replaceIfThere(
      stream,
      "_final",
      workingUntilCallback(worker, () => worker.end()),
    );
  } else {
    // Not every stream is destroyed when it has finished (`autoDestroy: false`, the other end of a Duplex).
    replaceIfThere(stream, "end", end);
  }
  endWithStream(stream, worker);
}
