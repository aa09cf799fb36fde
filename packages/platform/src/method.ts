// biome-ignore lint/suspicious/noExplicitAny: as the foreign function has it
export type Method = (this: any, ...args: any[]) => any;

/**
 * Puts a method in the place of an object's own one; it looks the same from outside.
 *
 * @returns what puts the original back, unless someone else has replaced ours meanwhile, whose call ours then passes on
 * @throws TypeError where the method is missing or may not be changed
 */
export function replaceMethod(target: object, name: string, replacing: (original: Method) => Method): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  const original: unknown = descriptor?.value;
  if (descriptor?.configurable !== true || typeof original !== "function") {
    throw new TypeError(`${name} cannot be replaced`);
  }
  const replacement = replacing(original as Method);
  for (const key of ["name", "length"]) {
    Object.defineProperty(replacement, key, Object.getOwnPropertyDescriptor(original, key) as PropertyDescriptor);
  }
  Object.defineProperty(target, name, { ...descriptor, value: replacement });
  return () => {
    if (Reflect.get(target, name) === replacement) Object.defineProperty(target, name, descriptor);
  };
}
