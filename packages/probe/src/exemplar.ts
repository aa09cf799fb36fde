/** One hand-over that has a span, as an example of what its stage's durations count. */
export interface Exemplar {
  readonly pipeline: string;
  readonly stage: string;
  /** The duration that was recorded. */
  readonly seconds: number;
  /** When it ended, on the recorder's clock. */
  readonly atMs: number;
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string;
}
