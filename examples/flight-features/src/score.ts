import { Transform, type TransformCallback } from "node:stream";
import type { FeatureBatch, ScoredBatch } from "./batch.ts";
import { EveryOther } from "./every-other.ts";
import { InOrder } from "./in-order.ts";
import type { Scoring } from "./scoring.ts";
import { batchesInFlight, type Settings } from "./settings.ts";

/** Flights with features to flights with their delay risk; several batches are under way at once. */
export class Score extends Transform {
  readonly #scoring: Scoring;
  readonly #limit: number;
  readonly #everyOther: EveryOther<Promise<ScoredBatch>>;
  readonly #inOrder: InOrder<ScoredBatch>;
  #hasFinished = false;

  /** @param scoring - the stream's from now on: it closes it */
  constructor(scoring: Scoring, settings: Pick<Settings, "halved">) {
    super({ objectMode: true, highWaterMark: batchesInFlight });
    const isHalved = settings.halved === "score";
    this.#scoring = scoring;
    // Every second place is then a repeated result, which is no work.
    this.#limit = isHalved ? 2 * scoring.batchesUnderWay : scoring.batchesUnderWay;
    this.#everyOther = new EveryOther(isHalved);
    this.#inOrder = new InOrder(
      (scored) => this.push(scored),
      (error) => this.destroy(error),
    );
  }

  override _transform(batch: FeatureBatch, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.#inOrder.add(this.#everyOther.take() ?? this.#everyOther.keep(this.#scored(batch)));
    this.#inOrder.whenFewerThan(this.#limit, callback);
  }

  override _flush(callback: TransformCallback): void {
    this.#inOrder.whenFewerThan(1, () => {
      this.#hasFinished = true;
      callback();
    });
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const closed = this.#hasFinished ? this.#scoring.close() : this.#scoring.destroy();
    closed.then(
      () => callback(error),
      (closingError: Error) => callback(error ?? closingError),
    );
  }

  async #scored(batch: FeatureBatch): Promise<ScoredBatch> {
    return { ...batch, lateProbability: await this.#scoring.score(batch.features, batch.flights) };
  }
}
