import { describe, expect, test } from "vitest";
import { BARE, LIMIT } from "../../bench/src/experiment.ts";
import { groups } from "../../bench/src/groups.ts";

test("the groups are those that are promised", () => {
  expect(Object.keys(groups)).toEqual(["record", "threads", "pipeline", "startup", "scrape", "memory"]);
});

const experiments = Object.values(groups).flatMap((files) =>
  Object.entries(files).flatMap(([file, list]) => list.map((experiment) => ({ file, experiment }))),
);

describe.for(experiments.map((one) => [`${one.file}, ${one.experiment.name}`, one] as const))("%s", ([, one]) => {
  const { file, experiment } = one;

  test("is found by its name, and so are its programs", () => {
    const sameName = experiments.filter((other) => other.file === file && other.experiment.name === experiment.name);
    expect(sameName).toHaveLength(1);
    const names = experiment.programs.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test("has targets against what is measured", () => {
    for (const { target, bare, peers = [], isAdded = false } of experiment.claims) {
      const others = [LIMIT, ...(bare === undefined || isAdded ? [] : [BARE]), ...peers];
      if (target !== undefined) expect(others).toContain(target.against);
    }
  });
});

test("no case is told by the name of another one", () => {
  for (const files of Object.values(groups)) {
    const names = Object.values(files).flatMap((list) => list.flatMap(({ claims }) => claims.map(({ name }) => name)));
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  }
});
