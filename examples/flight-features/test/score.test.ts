import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { expect, test } from "vitest";
import type { FeatureBatch, ScoredBatch } from "../src/batch.ts";
import { Score } from "../src/score.ts";
import type { Scoring } from "../src/scoring.ts";
import type { StageName } from "../src/settings.ts";
import { flightBatch } from "./flight-batches.ts";

/** A batch that its single feature tells from the others. */
function featureBatch(mark: number): FeatureBatch {
  return { ...flightBatch([]), features: Float32Array.of(mark) };
}

/** Scores by handing the feature back, each batch when the test says so. */
class HeldScoring implements Scoring {
  readonly name = "held";
  readonly batchesUnderWay: number;
  readonly asked: number[] = [];
  readonly calls: string[] = [];
  readonly #held: PromiseWithResolvers<Float32Array>[] = [];

  constructor(batchesUnderWay: number) {
    this.batchesUnderWay = batchesUnderWay;
  }

  score(features: Float32Array): Promise<Float32Array> {
    this.asked.push(features[0] ?? Number.NaN);
    const held = Promise.withResolvers<Float32Array>();
    this.#held.push(held);
    return held.promise;
  }

  async finish(index: number): Promise<void> {
    this.#held[index]?.resolve(Float32Array.of(this.asked[index] ?? Number.NaN));
    await settled();
  }

  async fail(index: number, error: Error): Promise<void> {
    this.#held[index]?.reject(error);
    await settled();
  }

  async close(): Promise<void> {
    this.calls.push("close");
  }

  async destroy(): Promise<void> {
    this.calls.push("destroy");
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function running(scoring: Scoring, marks: readonly number[], halved: StageName | null = null) {
  const results: (number | undefined)[] = [];
  const ended = pipeline(
    Readable.from(marks.map(featureBatch)),
    new Score(scoring, { halved }),
    async (scored: AsyncIterable<ScoredBatch>) => {
      for await (const batch of scored) results.push(batch.lateProbability[0]);
    },
  ).then(
    () => "ended",
    (error: Error) => error.message,
  );
  return { results, ended };
}

test("as many batches are under way as the scoring wants, the next one when the oldest is done", async () => {
  const scoring = new HeldScoring(2);
  const { results, ended } = running(scoring, [1, 2, 3, 4]);
  await settled();
  expect(scoring.asked).toEqual([1, 2]);
  await scoring.finish(1);
  expect([scoring.asked, results]).toEqual([[1, 2], []]);
  await scoring.finish(0);
  expect([scoring.asked, results]).toEqual([
    [1, 2, 3, 4],
    [1, 2],
  ]);
  await scoring.finish(3);
  expect([scoring.calls, results]).toEqual([[], [1, 2]]);
  await scoring.finish(2);
  expect(await ended).toBe("ended");
  expect(results).toEqual([1, 2, 3, 4]);
  expect(scoring.calls).toEqual(["close"]);
});

test("halved, every second batch is work, and as much of it is under way as before", async () => {
  const scoring = new HeldScoring(2);
  const { results, ended } = running(scoring, [1, 2, 3, 4, 5, 6], "score");
  await settled();
  expect(scoring.asked).toEqual([1, 3]);
  await scoring.finish(0);
  expect([scoring.asked, results]).toEqual([
    [1, 3, 5],
    [1, 1],
  ]);
  await scoring.finish(1);
  await scoring.finish(2);
  expect(await ended).toBe("ended");
  expect(results).toEqual([1, 1, 3, 3, 5, 5]);
});

test("a batch that cannot be scored ends the pipeline with its error, once, whatever else fails", async () => {
  const scoring = new HeldScoring(3);
  const { results, ended } = running(scoring, [1, 2, 3, 4]);
  await settled();
  await scoring.fail(1, new Error("two broke"));
  await scoring.fail(2, new Error("three broke"));
  await scoring.finish(0);
  expect(await ended).toBe("two broke");
  expect(results).toEqual([]);
  expect(scoring.calls).toEqual(["destroy"]);
});

test("a pipeline that fails elsewhere lets go of the scoring at once", async () => {
  const scoring = new HeldScoring(2);
  const source = new PassThrough({ objectMode: true });
  source.write(featureBatch(1));
  const ended = pipeline(source, new Score(scoring, { halved: null }), new PassThrough({ objectMode: true }));
  await settled();
  source.destroy(new Error("the source broke"));
  await expect(ended).rejects.toThrow("the source broke");
  await scoring.finish(0);
  expect(scoring.calls).toEqual(["destroy"]);
});

test("without batches the scoring is closed all the same", async () => {
  const scoring = new HeldScoring(2);
  expect(await running(scoring, []).ended).toBe("ended");
  expect([scoring.asked, scoring.calls]).toEqual([[], ["close"]]);
});

test("a scoring that cannot be closed is an error of the pipeline", async () => {
  const scoring = new HeldScoring(2);
  scoring.destroy = async () => {
    throw new Error("it does not end");
  };
  const score = new Score(scoring, { halved: null });
  const closed = new Promise((resolve) => score.on("error", resolve));
  score.destroy();
  expect(await closed).toEqual(new Error("it does not end"));
});
