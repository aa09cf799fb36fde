import { expect, test } from "vitest";
import { NumberSeries } from "../src/number-series.ts";
import { SeriesTable } from "../src/series-table.ts";

type Collection = Readonly<Record<string, number>>;

function counters(limit: number): SeriesTable<NumberSeries> {
  return new SeriesTable(limit, (attributes) => new NumberSeries(attributes, true));
}

function collected(table: SeriesTable<NumberSeries>, values: readonly (readonly [string, number])[]): object {
  table.begin();
  for (const [name, value] of values) table.place({ name }).now().add(value);
  return Object.fromEntries(table.take().map(({ attributes, told }) => [JSON.stringify(attributes), told]));
}

/** Values by the series' name; what is told of each collection. */
function check(limit: number, collections: readonly Collection[], expected: readonly object[]) {
  const table = counters(limit);
  expect(collections.map((values) => collected(table, Object.entries(values)))).toEqual(expected);
  return table;
}

const OVERFLOW = '{"otel.metric.overflow":true}';
const name = (of: string) => JSON.stringify({ name: of });

test("values of the same attributes add up within a collection, and do not from one to the next", () => {
  const table = counters(10);
  for (const expected of [3, 3]) {
    const values = [
      ["a", 1],
      ["a", 2],
    ] as const;
    expect(collected(table, values)).toEqual({ [name("a")]: expected });
  }
});

test("what is beyond the limit is summed into one overflow series, and counted", () => {
  const table = check(3, [{ a: 1, b: 2, c: 4, d: 8 }], [{ [name("a")]: 1, [name("b")]: 2, [OVERFLOW]: 12 }]);
  expect(table.refused).toBe(2);
});

test("of what is beyond the limit, each place is counted once, however much is added to it and however often", () => {
  const table = counters(2);
  const places = ["a", "b", "c"].map((of) => table.place({ name: of }));
  for (let collection = 0; collection < 3; collection++) {
    table.begin();
    for (const place of [...places, ...places]) place.now().add(1);
    expect(table.take().map(({ told }) => told)).toEqual([2, 4]);
    expect(table.refused).toBe(2);
  }
});

test("as many series as there are places need no overflow", () => {
  expect(check(3, [{ a: 1, b: 2 }], [{ [name("a")]: 1, [name("b")]: 2 }]).refused).toBe(0);
});

test("a series that is in the overflow stays there, whatever comes and goes", () => {
  check(
    2,
    [{ a: 1 }, { z: 5, a: 2 }, { z: 6 }, { a: 3, z: 7 }],
    [{ [name("a")]: 1 }, { [name("a")]: 2, [OVERFLOW]: 5 }, { [OVERFLOW]: 6 }, { [name("a")]: 3, [OVERFLOW]: 7 }],
  );
});

test("where all places are taken, one that was not told last is given to another series", () => {
  check(
    3,
    [{ a: 5, b: 1 }, { b: 2 }, { b: 2, c: 7 }, { b: 3, a: 1, c: 8 }, { b: 3, a: 1 }],
    [
      { [name("a")]: 5, [name("b")]: 1 },
      { [name("b")]: 2 },
      { [name("b")]: 2, [name("c")]: 7 },
      { [name("b")]: 3, [name("c")]: 8, [OVERFLOW]: 1 },
      { [name("b")]: 3, [OVERFLOW]: 1 },
    ],
  );
});

test("a stage that was not told for once goes on; another one with its name starts anew", () => {
  const table = counters(10);
  const told = (stage: number, value: number) => {
    table.begin();
    table.stagePlace({ name: "a" }, stage).now().add(value);
    return table.take().map((series) => series.told);
  };
  expect(told(1, 5)).toEqual([5]);
  table.begin();
  expect(table.take()).toEqual([]);
  expect(told(1, 4)).toEqual([5]);
  expect(told(2, 3)).toEqual([3]);
  expect(told(2, 4)).toEqual([4]);
});

test("a counter that steps back, for once or for good, repeats what it said", () => {
  check(10, [{ a: 5 }, { a: 3 }, { a: 7 }], [{ [name("a")]: 5 }, { [name("a")]: 5 }, { [name("a")]: 7 }]);
});

test("what was added to a collection that was given up does not count in the next one", () => {
  const table = counters(10);
  table.begin();
  table.place({ name: "a" }).now().add(5);
  expect(collected(table, [["a", 6]])).toEqual({ [name("a")]: 6 });
});
