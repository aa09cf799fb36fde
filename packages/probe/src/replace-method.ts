// biome-ignore lint/suspicious/noExplicitAny: a foreign method takes and returns what it likes
export type Method = (this: any, ...args: any[]) => any;

type Replacement = Method | (new (...args: never[]) => object);

/** Whether an object has a method, or a class, of its own or inherited, and lets it be replaced. */
export function isReplaceable(target: object, name: PropertyKey): boolean {
  if (typeof Reflect.get(target, name) !== "function") return false;
  const own = Object.getOwnPropertyDescriptor(target, name);
  return own === undefined ? Object.isExtensible(target) : own.configurable === true && "value" in own;
}

/**
 * Puts a method, or a class, in the place of one that an object has, its own or inherited, so that it looks the same from
 * outside: name, length, and whether it is listed.
 *
 * @returns restores it; whoever replaced it after us keeps their place, and calls ours
 * @throws TypeError where the object has no such method, or does not let it be replaced
 */
export function replaceMethod(
  target: object,
  name: PropertyKey,
  replacing: (original: Method) => Replacement,
): () => void {
  if (!isReplaceable(target, name)) throw new TypeError(`${String(name)} cannot be replaced`);
  const original: Method = Reflect.get(target, name);
  const own = Object.getOwnPropertyDescriptor(target, name);
  const replacement = inPlaceOf(original, replacing(original));
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

/** What to put in the place of an object's method. */
export type MethodReplacement = readonly [target: object, name: string, replacing: (original: Method) => Replacement];

/**
 * Replaces several methods: all of them, or none.
 *
 * @returns restores them, the last one first
 * @throws TypeError where one of them cannot be replaced
 */
export function replaceMethods(replacements: readonly MethodReplacement[]): () => void {
  const restores: (() => void)[] = [];
  const restore = () => {
    for (const one of restores) one();
  };
  try {
    for (const [target, name, replacing] of replacements) restores.unshift(replaceMethod(target, name, replacing));
  } catch (cause) {
    restore();
    throw cause;
  }
  return restore;
}

/** Gives a function the name and the length of the one that it stands for. */
export function inPlaceOf<Standing extends Replacement>(original: Method, replacement: Standing): Standing {
  Object.defineProperty(replacement, "name", { value: original.name, configurable: true });
  return Object.defineProperty(replacement, "length", { value: original.length, configurable: true });
}
