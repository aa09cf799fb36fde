import type { InferenceSession } from "onnxruntime-node";
import { move } from "piscina";
import { agreedProbability, lateProbability, loadModel, modelFile } from "./model.ts";

export interface ScoreTask {
  /** Row-major, `flights` rows of `featureNames.length` values. */
  readonly features: Float32Array;
  readonly flights: number;
  readonly passes: number;
}

/** Loaded by the first task, not on import: a model that cannot be loaded then fails a task instead of the thread. */
let model: Promise<InferenceSession> | undefined;

/** The task of the pool's threads: the probability that each flight is late. Nothing of the result is copied. */
export async function score({ features, flights, passes }: ScoreTask): Promise<Float32Array> {
  model ??= loadModel(modelFile);
  const loaded = await model;
  return move(await agreedProbability(() => lateProbability(loaded, features, flights), passes)) as Float32Array;
}
