import { fileURLToPath } from "node:url";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { featureNames } from "./delay-features.ts";

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

/**
 * The last of several passes over the same flights.
 *
 * @param pass - scores the flights once
 * @param passes - at least 1
 * @throws Error if a pass disagrees with the one before it
 */
export async function agreedProbability(pass: () => Promise<Float32Array>, passes: number): Promise<Float32Array> {
  let late = await pass();
  for (let count = 2; count <= passes; count++) {
    const again = await pass();
    if (again.length !== late.length || again.some((value, row) => value !== late[row])) {
      throw new Error(`pass ${count} of score disagrees with the one before it`);
    }
    late = again;
  }
  return late;
}
