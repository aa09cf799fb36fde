import { expect, test } from "vitest";
import { isReplaceable, type Method, replaceMethod, replaceMethods } from "../src/replace-method.ts";

const passing = (original: Method): Method =>
  function other(...args) {
    return Reflect.apply(original, this, args);
  };

class Base {
  push(one: number, other: number): number {
    return one + other;
  }
}

test("a replacement has the name and the length of what it replaces", () => {
  const base = new Base();
  replaceMethod(base, "push", passing);
  expect([base.push.name, base.push.length, base.push(1, 2)]).toEqual(["push", 2, 3]);
  expect(base.push).not.toBe(Base.prototype.push);
});

test("a replacement for an inherited method is not listed, so that the object's keys stay", () => {
  const base = new Base();
  replaceMethod(base, "push", passing);
  expect(Object.keys(base)).toEqual([]);
});

test("a replacement for a listed method is listed", () => {
  const base = { push: (): number => 1 };
  replaceMethod(base, "push", passing);
  expect(Object.keys(base)).toEqual(["push"]);
});

test("a read-only method stays so", () => {
  const base = Object.defineProperty({}, "push", { value: () => 1, configurable: true, writable: false });
  replaceMethod(base, "push", passing);
  expect(Object.getOwnPropertyDescriptor(base, "push")?.writable).toBe(false);
});

const fixed = Object.defineProperty({}, "push", { value: () => 1 });
const computed = Object.defineProperty({}, "push", { get: () => () => 1, configurable: true });
const cases: readonly (readonly [string, object])[] = [
  ["a frozen object", Object.freeze({ push: () => 1 })],
  ["an object that takes no property", Object.preventExtensions(new Base())],
  ["a property that is fixed", fixed],
  ["a property that is computed", computed],
  ["an object without the method", {}],
  ["a method that is null", { push: null }],
];
test.for(cases)("%s is refused, and left alone", ([, target]) => {
  const before = Object.getOwnPropertyDescriptors(target);
  expect(isReplaceable(target, "push")).toBe(false);
  expect(() => replaceMethod(target, "push", passing)).toThrow(new TypeError("push cannot be replaced"));
  expect(Object.getOwnPropertyDescriptors(target)).toEqual(before);
});

test("a method that is restored is as it was, an inherited one too", () => {
  const own = { push: (): number => 1 };
  const heir = new Base();
  for (const target of [own, heir]) {
    const before = Object.getOwnPropertyDescriptors(target);
    replaceMethod(target, "push", passing)();
    expect(Object.getOwnPropertyDescriptors(target)).toEqual(before);
  }
});

test("whoever replaced a method later keeps their place", () => {
  const target = { push: (): number => 1 };
  const restore = replaceMethod(target, "push", passing);
  const later = (): number => 2;
  target.push = later;
  restore();
  expect(target.push).toBe(later);
});

test("several methods are replaced all or none, and restored together", () => {
  const [one, other] = [{ push: (): number => 1 }, Object.freeze({ push: (): number => 2 })];
  const before = one.push;
  const replacements = [one, other].map((target) => [target, "push", passing] as const);
  expect(() => replaceMethods(replacements)).toThrow("push cannot be replaced");
  expect(one.push).toBe(before);
  const restore = replaceMethods([
    [one, "push", passing],
    [one, "push", passing],
  ]);
  expect(one.push).not.toBe(before);
  restore();
  expect(one.push).toBe(before);
});
