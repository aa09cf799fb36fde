import { type Replacing, replaceIfThere } from "./method.ts";

const ITERATORS: readonly symbol[] = [Symbol.asyncIterator, Symbol.iterator];

/** Replaces `next` of an iterator, or of those that an iterable will make. */
export function watchIterators(iterable: object, next: Replacing, onReturn: () => void): void {
  if (typeof Reflect.get(iterable, "next") === "function") {
    watchIterator(iterable, next, onReturn);
    return;
  }
  for (const key of ITERATORS) {
    replaceIfThere(
      iterable,
      key,
      (original) =>
        function iterate(...args) {
          const iterator: unknown = Reflect.apply(original, this, args);
          if (typeof iterator === "object" && iterator !== null) watchIterator(iterator, next, onReturn);
          return iterator;
        },
    );
  }
}

function watchIterator(iterator: object, next: Replacing, onReturn: () => void): void {
  replaceIfThere(iterator, "next", next);
  replaceIfThere(
    iterator,
    "return",
    (original) =>
      function end(...args) {
        onReturn();
        return Reflect.apply(original, this, args);
      },
  );
}

export function isIterable(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return ITERATORS.some((key) => typeof Reflect.get(value, key) === "function");
}

export function isDone(result: unknown): boolean {
  return typeof result === "object" && result !== null && Boolean(Reflect.get(result, "done"));
}

/** The item of an iterator's result. */
export function itemOf(result: unknown): unknown {
  return typeof result === "object" && result !== null ? Reflect.get(result, "value") : undefined;
}
