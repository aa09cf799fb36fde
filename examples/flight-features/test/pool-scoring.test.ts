import { afterEach, expect, test } from "vitest";
import { readQuality } from "../model/quality-table.ts";
import { lateProbability, loadModel, modelFile } from "../src/model.ts";
import { PoolScoring } from "../src/pool-scoring.ts";

const open: PoolScoring[] = [];
afterEach(async () => {
  for (const scoring of open.splice(0)) await scoring.destroy();
});

function poolOf(scoreThreads: number, scorePasses: number): PoolScoring {
  const scoring = new PoolScoring({ scoreThreads, scorePasses });
  open.push(scoring);
  return scoring;
}

async function goldenFlights(): Promise<{ features: Float32Array; flights: number }> {
  const { golden } = await readQuality();
  return { features: Float32Array.from(golden.flatMap((row) => row.features)), flights: golden.length };
}

test("threads give what the model gives, and leave the features to their owner", async () => {
  const { features, flights } = await goldenFlights();
  const before = features.slice();
  const expected = await lateProbability(await loadModel(modelFile), features, flights);
  const scoring = poolOf(2, 2);
  expect(scoring.batchesUnderWay).toBe(3);
  const batches = await Promise.all([1, 2, 3, 4].map(() => scoring.score(features, flights)));
  for (const late of batches) expect(late).toEqual(expected);
  expect(features).toEqual(before);
  expect(await scoring.score(new Float32Array(0), 0)).toHaveLength(0);
  await scoring.close();
}, 60_000);

test("a batch that the model refuses fails by itself; the pool goes on", async () => {
  const { features, flights } = await goldenFlights();
  const scoring = poolOf(1, 1);
  await expect(scoring.score(features, flights + 1)).rejects.toThrow("Tensor's size");
  expect(await scoring.score(features, flights)).toHaveLength(flights);
}, 60_000);

test("what is under way in a pool that is destroyed fails", async () => {
  const { features, flights } = await goldenFlights();
  const scoring = poolOf(1, 1000);
  const outcomes = Promise.allSettled([scoring.score(features, flights), scoring.score(features, flights)]);
  await scoring.destroy();
  expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
}, 60_000);
