// biome-ignore lint/suspicious/noExplicitAny: a foreign method takes and returns what it likes
export type Method = (this: any, ...args: any[]) => any;

/** What to put in a method's place. */
export type Replacing = (original: Method) => Method;

/** Whether an object has all these methods, its own or inherited, and lets them be replaced. */
export function areReplaceable(target: object, names: readonly string[]): boolean {
  return names.every((name) => {
    if (typeof Reflect.get(target, name) !== "function") return false;
    const own = Object.getOwnPropertyDescriptor(target, name);
    if (own === undefined) return Object.isExtensible(target);
    return own.configurable === true && "value" in own;
  });
}

/**
 * Puts a method in the place of one that an object has, its own or inherited, so that it looks the same from outside:
 * name, length, and whether it is listed. An object that does not have the method keeps being without it.
 */
export function replaceMethod(target: object, name: string, replacing: Replacing): void {
  if (!areReplaceable(target, [name])) return;
  const original: Method = Reflect.get(target, name);
  const own = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, {
    value: inPlaceOf(original, replacing(original)),
    writable: own?.writable ?? true,
    configurable: true,
    enumerable: own?.enumerable ?? false,
  });
}

/** Gives a function the name and the length of the one that it stands for. */
export function inPlaceOf(original: Method, replacement: Method): Method {
  Object.defineProperty(replacement, "name", { value: original.name, configurable: true });
  return Object.defineProperty(replacement, "length", { value: original.length, configurable: true });
}
