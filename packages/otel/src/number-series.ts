import type { Attributes } from "@opentelemetry/api";
import type { Series } from "./series-table.ts";

/** A series of numbers: the sum of what is added in a collection. */
export class NumberSeries implements Series {
  readonly attributes: Attributes;
  readonly isCounter: boolean;
  labels: Uint8Array | null = null;
  collection = 0;
  taken = 0;
  stage: number | null = null;
  toldAtMs: number | null = null;
  /** What is told. */
  told = 0;
  /** What a reader of differences has been told of it already. */
  sent = 0;
  #now = 0;

  constructor(attributes: Attributes, isCounter: boolean) {
    this.attributes = attributes;
    this.isCounter = isCounter;
  }

  clear(): void {
    this.#now = 0;
  }

  add(value: number): void {
    this.#now += value;
  }

  forget(): void {
    this.told = 0;
    this.sent = 0;
    this.toldAtMs = null;
  }

  settle(): void {
    // A row that could not be read untorn is missing for once; a counter that fell would look like a restart.
    this.told = this.isCounter ? Math.max(this.told, this.#now) : this.#now;
  }
}
