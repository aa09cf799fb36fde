import { expect, test } from "vitest";
import { EveryOther } from "../src/every-other.ts";

function works(isHalved: boolean): string[] {
  const everyOther = new EveryOther<string>(isHalved);
  return [1, 2, 3, 4, 5].map((batch) => everyOther.take() ?? everyOther.keep(`work ${batch}`));
}

test("a halved stage works on every second batch and repeats its last result for the others", () => {
  expect(works(true)).toEqual(["work 1", "work 1", "work 3", "work 3", "work 5"]);
});

test("a stage that is not halved works on every batch", () => {
  expect(works(false)).toEqual(["work 1", "work 2", "work 3", "work 4", "work 5"]);
});
