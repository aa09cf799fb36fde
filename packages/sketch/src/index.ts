export { bucketIndex, bucketUpperBound, HIGHEST_SCALE, LOWEST_SCALE, relativeErrorAt } from "./exponential-index.ts";
export { ExponentialHistogram, type Quantile, START_SCALE } from "./histogram.ts";
export type { ExponentialCounts, ExponentialDataPoint } from "./histogram-counts.ts";
export type { Mergeable } from "./mergeable.ts";
export { GREATEST_MOMENT_VALUE, Moments } from "./moments.ts";
export type { ExponentialBuckets } from "./signed-buckets.ts";
export { SketchError, type SketchErrorCode } from "./sketch-error.ts";
