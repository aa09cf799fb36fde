import { isPromise } from "node:util/types";

/**
 * Calls back once when `value` is settled, and returns what the application is to have in its place.
 *
 * A native promise comes back as the promise derived by its own `then`: watching it and returning the same one would
 * swallow the application's `unhandledRejection`. Anything else is settled at once and comes back itself: foreign
 * thenables, and promises with a `then` of their own, may begin their work anew each time that it is called.
 */
export function settle<T>(value: T, onSettled: (isOk: boolean, result: unknown) => void): T {
  // Before any function is made for it: most values are settled already.
  if (!mayBePromise(value)) {
    onSettled(true, value);
    return value;
  }
  return settleBy(
    value,
    (result) => {
      onSettled(true, result);
      return result;
    },
    (error) => {
      onSettled(false, error);
      throw error;
    },
  );
}

/**
 * As `settle`, for who has the two functions already: the first is called with what comes, and returns it; the second
 * throws what it is called with.
 */
export function settleBy<T>(value: T, onResult: (result: unknown) => unknown, onError: (error: unknown) => never): T {
  const derived = isPromise(value) ? derive(value, onResult, onError) : null;
  if (derived !== null) return derived as T;
  onResult(value);
  return value;
}

/**
 * Runs `work` and calls back once when it is done, settled or thrown, the last without the error. Errors pass through
 * as the same object.
 */
export function runSettled<T>(work: () => T, onSettled: (isOk: boolean, result: unknown) => void): T {
  let value: T;
  // Not caught and thrown again: Node would print our line in the place of the application's.
  let hasThrown = true;
  try {
    value = work();
    hasThrown = false;
  } finally {
    if (hasThrown) onSettled(false, undefined);
  }
  return settle(value, onSettled);
}

/** null where the promise does not let itself be derived natively; then nothing has been called back. */
function derive(
  promise: Promise<unknown>,
  onResult: (result: unknown) => unknown,
  onError: (error: unknown) => never,
): Promise<unknown> | null {
  try {
    if (promise.then !== Promise.prototype.then) return null;
    const derived = promise.then(onResult, onError);
    // What the application hung on its promise (a `cancel`, say) must be found on the one that it gets.
    if (hasNames(promise)) {
      for (const key of Object.keys(promise)) {
        Object.defineProperty(derived, key, Object.getOwnPropertyDescriptor(promise, key) as PropertyDescriptor);
      }
    }
    return derived;
  } catch {
    return null;
  }
}

/** Told at a glance; looking whether an object is a promise costs as much as a clock. */
export function mayBePromise(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** Costs less than the list of them, which nearly always is empty. */
function hasNames(object: object): boolean {
  for (const _ in object) return true;
  return false;
}
