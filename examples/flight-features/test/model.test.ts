import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { readmeFile, readQuality, withQualityTable } from "../model/quality-table.ts";
import { featureNames } from "../src/delay-features.ts";
import { agreedProbability, lateProbability, loadModel, modelFile } from "../src/model.ts";

test("the model file is the one whose quality is stated, and takes the features that the application makes", async () => {
  const { sha256, features } = await readQuality();
  expect(
    createHash("sha256")
      .update(await readFile(modelFile))
      .digest("hex"),
  ).toBe(sha256);
  expect(features).toEqual([...featureNames]);
});

test("the model gives the probabilities that training wrote down", async () => {
  const { golden } = await readQuality();
  const model = await loadModel(modelFile);
  const matrix = Float32Array.from(golden.flatMap(({ features }) => features));
  const given = await lateProbability(model, matrix, golden.length);
  expect(golden.length).toBeGreaterThan(0);
  for (const [index, row] of golden.entries()) expect(given[index]).toBeCloseTo(row.lateProbability, 5);
});

test("a batch without flights is scored without asking the model", async () => {
  const model = await loadModel(modelFile);
  expect(await lateProbability(model, new Float32Array(0), 0)).toHaveLength(0);
});

const passes: readonly (readonly [string, number, readonly number[][], number[] | string])[] = [
  ["one pass agrees with itself", 1, [[0.1, 0.2]], [0.1, 0.2]],
  ["three passes that agree are one result", 3, [[0.5], [0.5], [0.5]], [0.5]],
  ["a pass that gives another value is an error", 3, [[0.5], [0.5], [0.25]], "pass 3 of score disagrees"],
  ["a pass that gives more values is an error", 2, [[0.5], [0.5, 0.5]], "pass 2 of score disagrees"],
];

test.each(passes)("%s", async (_, count, results, expected) => {
  const left = [...results];
  const agreed = agreedProbability(async () => Float32Array.from(left.shift() ?? []), count);
  if (typeof expected === "string") await expect(agreed).rejects.toThrow(expected);
  else expect(await agreed).toEqual(Float32Array.from(expected));
  expect(left).toEqual([]);
});

test("on the held-out months the model beats every naive prediction", async () => {
  const { "the model": model, ...naive } = (await readQuality()).quality;
  for (const scores of Object.values(naive)) {
    expect(model!.auc).toBeGreaterThan(scores.auc);
    expect(model!.logLoss).toBeLessThan(scores.logLoss);
    expect(model!.brier).toBeLessThan(scores.brier);
  }
});

test("the README's table is that of quality.json", async () => {
  const readme = await readFile(readmeFile, "utf8");
  expect(readme).toBe(withQualityTable(readme, await readQuality()));
  expect(readme).toContain("| the model |");
});
