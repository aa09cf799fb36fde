import { inPlaceOf, type Method } from "@pinchpoint/probe";
import { type Replacing, replaceIfThere } from "./method.ts";
import type { StreamWorker } from "./stream-worker.ts";

/** A method that works without an item until its callback, its last argument: opening, flushing, closing. */
export function workingUntilCallback(worker: StreamWorker, onDone: (atMs: number) => void): Replacing {
  const { stage } = worker;
  return (original) =>
    function method(...args) {
      const callback: unknown = args.at(-1);
      if (typeof callback !== "function") return Reflect.apply(original, this, args);
      const startMs = stage.nowMs();
      worker.begins(startMs);
      const previous = stage.hold(startMs);
      args[args.length - 1] = inPlaceOf(callback as Method, function (...result) {
        onDone(stage.nowMs());
        return Reflect.apply(callback, this, result);
      });
      try {
        return worker.applies(original, this, args);
      } finally {
        stage.release(previous, stage.nowMs());
      }
    };
}

/** The worker ends when its stream is destroyed. */
export function endWithStream(stream: object, worker: StreamWorker): void {
  const destroy = (original: Method): Method =>
    function _destroy(...args) {
      worker.end();
      return Reflect.apply(original, this, args);
    };
  replaceIfThere(stream, "_destroy", destroy);
}

/**
 * Wraps the callback that Node passes to `_write`, and makes the wrapping anew only where it passes another one: one
 * closure for a stream, instead of one for each item.
 */
export function onCallback(
  onResult: (isOk: boolean) => void,
  afterwards: () => void = () => {},
): (callback: Method) => Method {
  let known: Method | null = null;
  let wrapping: Method | null = null;
  return (callback) => {
    if (wrapping === null || callback !== known) {
      known = callback;
      wrapping = inPlaceOf(callback, function (...result) {
        onResult(!result[0]);
        const returned = Reflect.apply(callback, this, result);
        afterwards();
        return returned;
      });
    }
    return wrapping;
  };
}
