// biome-ignore lint/suspicious/noExplicitAny: a foreign method takes and returns what it likes
export type Method = (this: any, ...args: any[]) => any;

type Replacement = Method | (new (...args: never[]) => object);

/**
 * Puts a method, or a class, in the place of one that an object has, its own or inherited, so that it looks the same from outside:
 * name, length, and whether it is listed.
 *
 * @returns restores it; whoever replaced it after us keeps their place, and calls ours
 * @throws TypeError where the object has no such method, or does not let it be replaced
 */
export function replaceMethod(target: object, name: string, replacing: (original: Method) => Replacement): () => void {
  const original: unknown = Reflect.get(target, name);
  const own = Object.getOwnPropertyDescriptor(target, name);
  const isReplaceable = own === undefined ? Object.isExtensible(target) : own.configurable === true && "value" in own;
  if (typeof original !== "function" || !isReplaceable) throw new TypeError(`${name} cannot be replaced`);
  const replacement = replacing(original as Method);
  for (const key of ["name", "length"] as const) {
    Object.defineProperty(replacement, key, { value: original[key], configurable: true });
  }
  Object.defineProperty(target, name, {
    value: replacement,
    writable: own?.writable ?? true,
    configurable: true,
    enumerable: own?.enumerable ?? false,
  });
  return () => {
    if (Object.getOwnPropertyDescriptor(target, name)?.value !== replacement) return;
    if (own === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, own);
  };
}
