import { expect, test } from "vitest";
import { SeriesTable } from "../src/series-table.ts";

const COUNTER = { sum: (one: number, other: number) => one + other, follow: Math.max };

/** Values by the series' name; what is told of each collection. */
function check(limit: number, collections: readonly Readonly<Record<string, number>>[], expected: readonly object[]) {
  const table = new SeriesTable(COUNTER, limit);
  const told = collections.map((values) => {
    for (const [name, value] of Object.entries(values)) table.add({ name }, value);
    return Object.fromEntries(table.take().map(({ attributes, value }) => [JSON.stringify(attributes), value]));
  });
  expect(told).toEqual(expected);
  return table;
}

const OVERFLOW = '{"otel.metric.overflow":true}';
const name = (of: string) => JSON.stringify({ name: of });

test("values of the same attributes add up within a collection, and do not from one to the next", () => {
  const table = new SeriesTable(COUNTER, 10);
  for (const expected of [3, 3]) {
    table.add({ name: "a" }, 1);
    table.add({ name: "a" }, 2);
    expect(table.take()).toEqual([{ attributes: { name: "a" }, value: expected }]);
  }
});

test("what is beyond the limit is summed into one overflow series, and counted", () => {
  const table = check(3, [{ a: 1, b: 2, c: 4, d: 8 }], [{ [name("a")]: 1, [name("b")]: 2, [OVERFLOW]: 12 }]);
  expect(table.refused).toBe(2);
});

test("as many series as there are places need no overflow", () => {
  expect(check(3, [{ a: 1, b: 2 }], [{ [name("a")]: 1, [name("b")]: 2 }]).refused).toBe(0);
});

test("a series keeps its place, whatever comes and goes", () => {
  check(
    2,
    [{ a: 1 }, { z: 5, a: 2 }, { z: 6 }, { a: 3, z: 7 }],
    [{ [name("a")]: 1 }, { [name("a")]: 2, [OVERFLOW]: 5 }, { [OVERFLOW]: 6 }, { [name("a")]: 3, [OVERFLOW]: 7 }],
  );
});

test("a counter that steps back, for once or for good, repeats what it said", () => {
  check(10, [{ a: 5 }, { a: 3 }, { a: 7 }], [{ [name("a")]: 5 }, { [name("a")]: 5 }, { [name("a")]: 7 }]);
});
