import type { Attributes } from "@opentelemetry/api";
import type { Series } from "./series-table.ts";

/** A series of distributions, all in the same buckets: their sum in a collection. */
export class HistogramSeries implements Series {
  readonly attributes: Attributes;
  labels: Uint8Array | null = null;
  collection = 0;
  taken = 0;
  stage: number | null = null;
  toldAtMs: number | null = null;
  /** What is told, by bucket. */
  readonly told: Float64Array;
  toldSumSeconds = 0;
  /** What a reader of differences has been told of it already; null where nobody reads them. */
  sent: Float64Array | null = null;
  sentSumSeconds = 0;
  readonly #now: Float64Array;
  #nowSumSeconds = 0;

  /** @param buckets - how many, the overflow included */
  constructor(attributes: Attributes, buckets: number) {
    this.attributes = attributes;
    this.told = new Float64Array(buckets);
    this.#now = new Float64Array(buckets);
  }

  clear(): void {
    this.#now.fill(0);
    this.#nowSumSeconds = 0;
  }

  /** @param counts - by bucket, as many as the series has */
  add(counts: ArrayLike<number>, sumSeconds: number): void {
    const now = this.#now;
    for (let bucket = 0; bucket < now.length; bucket++) {
      now[bucket] = (now[bucket] as number) + (counts[bucket] ?? 0);
    }
    this.#nowSumSeconds += sumSeconds;
  }

  forget(): void {
    this.told.fill(0);
    this.toldSumSeconds = 0;
    this.sent = null;
    this.sentSumSeconds = 0;
    this.toldAtMs = null;
  }

  settle(): void {
    const { told } = this;
    const now = this.#now;
    // As counters: a row that is missing for once must not look like a restart.
    for (let bucket = 0; bucket < told.length; bucket++) {
      if ((now[bucket] as number) > (told[bucket] as number)) told[bucket] = now[bucket] as number;
    }
    this.toldSumSeconds = Math.max(this.toldSumSeconds, this.#nowSumSeconds);
  }
}
