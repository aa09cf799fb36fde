import { Piscina } from "piscina";
import type * as scoreWorker from "./score-worker.ts";
import type { Scoring } from "./scoring.ts";
import type { Settings } from "./settings.ts";

const taskName = "score" satisfies keyof typeof scoreWorker;

/** Scores in a pool of worker threads, each with the model in it. */
export class PoolScoring implements Scoring {
  readonly name = "score-worker.ts";
  readonly batchesUnderWay: number;
  readonly #passes: number;
  readonly #pool: Piscina<scoreWorker.ScoreTask, Float32Array>;
  #failure: Error | undefined;

  constructor(settings: Pick<Settings, "scoreThreads" | "scorePasses">) {
    const { scoreThreads, scorePasses } = settings;
    // One more than there are threads: a thread that is done finds its next batch in the queue.
    this.batchesUnderWay = scoreThreads + 1;
    this.#passes = scorePasses;
    this.#pool = new Piscina({
      filename: new URL("score-worker.ts", import.meta.url).href,
      name: taskName,
      minThreads: scoreThreads,
      maxThreads: scoreThreads,
    });
    // A thread that dies with a task fails that task; one that dies without would otherwise end the process.
    this.#pool.on("error", (error: Error) => {
      this.#failure ??= error;
    });
  }

  async score(features: Float32Array, flights: number): Promise<Float32Array> {
    if (this.#failure !== undefined) throw this.#failure;
    // The features are copied, not transferred: the store writes them later.
    return this.#pool.run({ features, flights, passes: this.#passes });
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }
}
