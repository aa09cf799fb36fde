import { expect, test } from "vitest";
import { spreadOf } from "../../bench/src/spread.ts";

test("the middle half lies between the quartiles, in whatever order the rounds came", () => {
  expect(spreadOf([5, 1, 4, 2, 3])).toEqual({ typical: 3, low: 2, high: 4 });
  expect(spreadOf([1, 2, 3, 4])).toEqual({ typical: 2.5, low: 1.75, high: 3.25 });
  expect(spreadOf([7])).toEqual({ typical: 7, low: 7, high: 7 });
});

test("one round that met a neighbour moves neither the median nor the quartiles far", () => {
  expect(spreadOf([10, 10, 11, 11, 900])).toEqual({ typical: 11, low: 10, high: 11 });
});

test.for([
  ["nothing", []],
  ["what is no number", [1, Number.NaN]],
  ["what is without end", [1, Number.POSITIVE_INFINITY]],
] as const)("%s has no spread", ([, values]) => {
  expect(() => spreadOf(values)).toThrow(`a spread needs finite values, got [${values.join(", ")}]`);
});
