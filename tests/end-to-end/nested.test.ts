import { afterEach, expect, test } from "vitest";
import { application, endPrograms, NODE } from "./program.ts";
import { recordedAsBare } from "./ways.ts";

afterEach(endPrograms);

test("pipelines within pipelines, and made of each other, are as bare, and each of their parts is a stage", async () => {
  const { items, edges, losses } = await recordedAsBare("pinchpoint run", [NODE, application("nested.js")]);
  const named = Object.entries(items).filter(([name]) => !name.includes("@"));
  console.log(items, edges);
  expect(Object.fromEntries(named)).toMatchObject({ expand: 20, double: 40, collect: 40, within: 20, inner: 40 });
  expect(losses).toEqual({});
});
