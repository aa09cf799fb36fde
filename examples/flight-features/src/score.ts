import { Transform, type TransformCallback } from "node:stream";
import { fileURLToPath } from "node:url";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { FeatureBatch, ScoredBatch } from "./batch.ts";
import { featureNames } from "./delay-features.ts";
import { EveryOther } from "./every-other.ts";
import { batchesInFlight, type Settings } from "./settings.ts";

/** The model that is committed beside this example. */
export const modelFile: string = fileURLToPath(new URL("../model/delay-risk.onnx", import.meta.url));

/** Loads a model; it computes on one thread, so that the example takes no more of a machine than it says. */
export async function loadModel(path: string): Promise<InferenceSession> {
  return InferenceSession.create(path, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
  });
}

/**
 * Probability that each flight is late.
 *
 * @param features - row-major, `flights` rows of `featureNames.length` values
 */
export async function lateProbability(
  model: InferenceSession,
  features: Float32Array,
  flights: number,
): Promise<Float32Array> {
  const late = new Float32Array(flights);
  if (flights === 0) return late;
  const input = new Tensor("float32", features, [flights, featureNames.length]);
  const { probabilities } = await model.run({ features: input }, ["probabilities"]);
  const both = probabilities?.data as Float32Array;
  // The model gives two columns: on time, late.
  for (let row = 0; row < flights; row++) late[row] = both[2 * row + 1]!;
  return late;
}

/** Flights with features to flights with their delay risk. */
export class Score extends Transform {
  readonly #model: InferenceSession;
  readonly #everyOther: EveryOther<ScoredBatch>;

  constructor(model: InferenceSession, settings: Settings) {
    super({ objectMode: true, highWaterMark: batchesInFlight });
    this.#model = model;
    this.#everyOther = new EveryOther(settings.halved === "score");
  }

  override _transform(batch: FeatureBatch, _encoding: BufferEncoding, callback: TransformCallback): void {
    const again = this.#everyOther.take();
    if (again !== undefined) {
      callback(null, again);
      return;
    }
    this.#scored(batch).then(
      (scored) => callback(null, this.#everyOther.keep(scored)),
      (error: Error) => callback(error),
    );
  }

  async #scored(batch: FeatureBatch): Promise<ScoredBatch> {
    return { ...batch, lateProbability: await lateProbability(this.#model, batch.features, batch.flights) };
  }
}
