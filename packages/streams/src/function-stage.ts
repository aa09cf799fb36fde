import { isPromise } from "node:util/types";
import { inPlaceOf, type Method, type StageRecorder, settle } from "@pinchpoint/probe";
import { FunctionWorker } from "./function-worker.ts";
import { isDone, isIterable, itemOf, watchIterators } from "./iterators.ts";
import type { Turn } from "./turn.ts";

export interface FunctionStage {
  readonly stage: StageRecorder;
  readonly turn: Turn;
  readonly isSource: boolean;
}

/**
 * A function that `pipeline` calls with its input, if it is not the first, and that returns an iterable, or a promise if
 * it is the last. It is `starved` while it awaits its input's next item, `blocked` while its own next one is not asked
 * for, and `self` in between. An item is finished when the next one is asked for.
 */
export function observedFunction(original: Method, { stage, turn, isSource }: FunctionStage): Method {
  return inPlaceOf(original, function (...args) {
    const worker = new FunctionWorker(stage, turn, isSource);
    if (!isSource) watchInput(args[0], worker);
    return outputOf(worker.runs(original, this, args), worker);
  });
}

/**
 * An iterable that is the first of a pipeline. One that others may iterate over too, such as an array, is left as it is:
 * a proxy stands for it, for the next function to use as it likes.
 */
export function observedIterable(iterable: object, stage: StageRecorder, turn: Turn): unknown {
  const worker = new FunctionWorker(stage, turn, true);
  const isIterator = typeof Reflect.get(iterable, "next") === "function";
  return outputOf(isIterator ? iterable : standFor(iterable), worker);
}

/** What is defined on it is its own, and not the iterable's. */
function standFor(iterable: object): object {
  const own = new Map<PropertyKey, unknown>();
  return new Proxy(iterable, {
    get: (target, key) => {
      if (own.has(key)) return own.get(key);
      const value: unknown = Reflect.get(target, key, target);
      // Methods of a Set know their own; those of an array work on whatever they are called on.
      const isMethod = typeof value === "function" && !Array.isArray(target) && !Object.hasOwn(target, key);
      return isMethod ? value.bind(target) : value;
    },
    getOwnPropertyDescriptor: (target, key) =>
      own.has(key) ? undefined : Reflect.getOwnPropertyDescriptor(target, key),
    defineProperty: (_, key, { value }) => {
      own.set(key, value);
      return true;
    },
  });
}

function outputOf(returned: unknown, worker: FunctionWorker): unknown {
  if (isPromise(returned)) return settle(returned, (isOk) => worker.ends(isOk));
  if (!isIterable(returned)) {
    worker.ends(true);
    return returned;
  }
  worker.isDoneForNow();
  const next = (original: Method): Method =>
    function next(...args) {
      return settle(worker.runs(original, this, args), (isOk, given) => {
        if (isOk && !isDone(given)) worker.gives(itemOf(given));
        else worker.ends(isOk);
      });
    };
  watchIterators(returned, next, () => worker.isLeft());
  return returned;
}

/** What the function takes from its input; the input stays the object that it is, whatever else it is asked for. */
function watchInput(input: unknown, worker: FunctionWorker): void {
  if (!isIterable(input)) return;
  const next = (original: Method): Method =>
    function next(...args) {
      worker.asks();
      const result: unknown = Reflect.apply(original, this, args);
      return settle(result, (isOk, given) => worker.isGiven(isOk && !isDone(given), itemOf(given)));
    };
  watchIterators(input, next, () => {});
}
