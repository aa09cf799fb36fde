type Properties = ReadonlyMap<string | symbol, PropertyDescriptor>;

/** All own properties of some objects, to compare with what they are later. */
export type TargetState = readonly Properties[];

export function stateOf(targets: readonly object[]): TargetState {
  return targets.map(
    (target) =>
      new Map(
        Reflect.ownKeys(target).map((key) => [key, Object.getOwnPropertyDescriptor(target, key) as PropertyDescriptor]),
      ),
  );
}

export interface Change {
  readonly target: object;
  readonly key: string | symbol;
}

/** The properties that are no longer what they were, or that came or went. */
export function changesSince(before: TargetState, targets: readonly object[]): readonly Change[] {
  return stateOf(targets).flatMap((properties, i) => {
    const former = before[i] as Properties;
    const keys = new Set([...former.keys(), ...properties.keys()]);
    return [...keys]
      .filter((key) => !isSame(former.get(key), properties.get(key)))
      .map((key) => ({ target: targets[i] as object, key }));
  });
}

/** What an application sees of a property without calling it: names, lengths, flags, and the order of the keys. */
export function outsideOf(targets: readonly object[]): unknown {
  return stateOf(targets).map((properties) =>
    [...properties].map(([key, { value, get, set, ...flags }]) => {
      const parts = [value, get, set].map((part) =>
        typeof part === "function" ? [part.name, part.length] : typeof part,
      );
      return [key, parts, flags];
    }),
  );
}

function isSame(one: PropertyDescriptor | undefined, other: PropertyDescriptor | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const keys = ["value", "get", "set", "writable", "enumerable", "configurable"] as const;
  return keys.every((key) => Object.is(one[key], other[key]));
}
