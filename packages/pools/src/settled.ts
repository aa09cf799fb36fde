import { isPromise } from "node:util/types";

/**
 * Calls back once when a promise is settled, and returns what the application is to have in its place: the promise
 * derived by its own `then`, since watching it and returning the same one would swallow `unhandledRejection`.
 *
 * @returns null where it is no native promise, which may begin its work anew at each `then`; nothing is called back then
 */
export function derivePromise(promise: unknown, onSettled: (isOk: boolean) => void): Promise<unknown> | null {
  if (!isPromise(promise) || promise.then !== Promise.prototype.then) return null;
  return promise.then(
    (result) => {
      onSettled(true);
      return result;
    },
    (error: unknown) => {
      onSettled(false);
      throw error;
    },
  );
}
