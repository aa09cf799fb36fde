import { pipeline } from "node:stream/promises";
import { Decode } from "./decode.ts";
import { Features } from "./features.ts";
import type { Ends } from "./flow.ts";
import { Read } from "./read.ts";
import { Score } from "./score.ts";
import type { Settings } from "./settings.ts";
import { Store } from "./store.ts";

/** Each stage is a stream. */
export async function connectStreams({ reading, scoring, storing }: Ends, settings: Settings): Promise<void> {
  const read = new Read(reading);
  const decode = new Decode(settings);
  const features = new Features(settings);
  const score = new Score(scoring, settings);
  const store = new Store(storing);
  await pipeline(read, decode, features, score, store);
}
