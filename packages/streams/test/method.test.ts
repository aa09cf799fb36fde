import type { Method } from "@pinchpoint/probe";
import { expect, test } from "vitest";
import { areReplaceable, replaceIfThere } from "../src/method.ts";

const passing = (original: Method): Method =>
  function other(...args) {
    return Reflect.apply(original, this, args);
  };

test("a method that a stream has is replaced; one that it does not have, or keeps to itself, is left alone", () => {
  const own = { push: (): number => 1 };
  const before = own.push;
  replaceIfThere(own, "push", passing);
  expect(own.push).not.toBe(before);
  for (const target of [{}, Object.freeze({ push: () => 1 }), { push: null }]) {
    const descriptors = Object.getOwnPropertyDescriptors(target);
    replaceIfThere(target, "push", passing);
    expect(Object.getOwnPropertyDescriptors(target)).toEqual(descriptors);
  }
});

test("one method that cannot be replaced is enough to leave all alone", () => {
  expect(areReplaceable({ push: () => 1 }, ["push"])).toBe(true);
  expect(areReplaceable({ push: () => 1 }, ["push", "pull"])).toBe(false);
});
