import { afterEach, expect, test } from "vitest";
import { application, endPrograms, NODE } from "./program.ts";
import { recordedAsBare } from "./ways.ts";

afterEach(endPrograms);

test("pipelines within pipelines, and made of each other, are as bare, and each of their parts is a stage", async () => {
  const { items, edges, losses } = await recordedAsBare("pinchpoint run", [NODE, application("nested.js")]);
  expect(items).toMatchObject({ expand: 20, double: 40, collect: 40, within: 20, inner: 40, pass: 20, refuse: 7 });
  const named = (text: string) => text.replaceAll(/(@[^ #]+)|:\d+/g, "");
  const ways = edges.map(named).sort();
  expect(ways).toEqual([
    "double > collect",
    "expand > total",
    "increase > increase#2",
    "increase > increase#2",
    "increase > refuse",
    "increase > total",
    "increase > total",
    "increase#2 > total",
    "increase#2 > total",
    "iterable > double",
    "pass > pass",
    "pass > total",
    "readable > expand",
    "readable > increase",
    "readable > increase",
    "readable > increase",
    "readable > increase",
    "readable > increase",
    "readable > increase",
    "readable > inner",
    "readable > pass",
    "readable > within",
    "refuse > total",
    "within > total",
  ]);
  expect(losses).toEqual({});
});
