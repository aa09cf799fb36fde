import { isReplaceable, type Method, replaceMethod } from "@pinchpoint/probe/attach";

/** What to put in a method's place. */
export type Replacing = (original: Method) => Method;

/** Whether an object has all these methods and lets them be replaced. */
export function areReplaceable(target: object, names: readonly string[]): boolean {
  return names.every((name) => isReplaceable(target, name));
}

/** Replaces a method that a stream may have or not: one that does not have it keeps being without it. */
export function replaceIfThere(target: object, name: PropertyKey, replacing: Replacing): void {
  if (isReplaceable(target, name)) replaceMethod(target, name, replacing);
}
