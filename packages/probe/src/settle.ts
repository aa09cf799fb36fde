import { isPromise } from "node:util/types";

/**
 * Calls back once when `value` is settled, and returns what the application is to have in its place.
 *
 * A native promise comes back as the promise derived by its own `then`: watching it and returning the same one would
 * swallow the application's `unhandledRejection`. Anything else is settled at once and comes back itself: foreign
 * thenables, and promises with a `then` of their own, may begin their work anew each time that it is called.
 */
export function settle<T>(value: T, onSettled: (isOk: boolean, result: unknown) => void): T {
  const derived = isPromise(value) ? derive(value, onSettled) : null;
  if (derived === null) {
    onSettled(true, value);
    return value;
  }
  return derived as T;
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
  onSettled: (isOk: boolean, result: unknown) => void,
): Promise<unknown> | null {
  try {
    if (promise.then !== Promise.prototype.then) return null;
    const derived = promise.then(
      (result) => {
        onSettled(true, result);
        return result;
      },
      (error: unknown) => {
        onSettled(false, error);
        throw error;
      },
    );
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

/** Costs less than the list of them, which nearly always is empty. */
function hasNames(object: object): boolean {
  for (const _ in object) return true;
  return false;
}
