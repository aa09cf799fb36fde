import { expect, test } from "vitest";
import { givenHeapLimit, spaceNames } from "../src/memory.ts";

const MEGABYTE = 1024 * 1024;

test.each([
  [["--max-old-space-size=120"], 120],
  [["--max_old_space_size=64", "--no-warnings"], 64],
  [["--max-old-space-size=64", "--max-old-space-size=128"], 128],
  [["--max-old-space-size=0"], null],
  [["--max-semi-space-size=16", ""], null],
  [[], null],
])("%j gives the heap %j MB", (options, megabytes) => {
  expect(givenHeapLimit(options)).toBe(megabytes === null ? null : megabytes * MEGABYTE);
});

test("the heap's spaces have V8's names", () => {
  expect(spaceNames()).toEqual(expect.arrayContaining(["new_space", "old_space", "large_object_space"]));
});
