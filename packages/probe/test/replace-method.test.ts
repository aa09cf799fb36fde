import { expect, test } from "vitest";
import { areReplaceable, type Method, replaceMethod } from "../src/method.ts";

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
test.for(cases)("%s is left alone", ([, target]) => {
  const before = Object.getOwnPropertyDescriptors(target);
  expect(areReplaceable(target, ["push"])).toBe(false);
  replaceMethod(target, "push", passing);
  expect(Object.getOwnPropertyDescriptors(target)).toEqual(before);
});

test("one method that cannot be replaced is enough to leave all alone", () => {
  expect(areReplaceable(new Base(), ["push"])).toBe(true);
  expect(areReplaceable(new Base(), ["push", "pull"])).toBe(false);
});
