/** Upper bounds of histogram buckets in seconds, by the metric's name; `default` for those that are not named. */
export type Buckets = Readonly<Record<string, readonly number[]>>;

/** As `metricBounds` of @pinchpoint/otel has it, which reading settings does not load. */
const MOST_BOUNDS = 100;
export const BUCKET_NAMES: readonly string[] = [
  "default",
  "pinchpoint.stage.duration",
  "pinchpoint.resource.wait.duration",
  "pinchpoint.resource.use.duration",
  "pinchpoint.collect.duration",
];

export const BUCKETS_WANTED: string = `an object of ${BUCKET_NAMES.join(", ")}, each a list of up to ${MOST_BOUNDS} ascending numbers of seconds > 0`;

export function isBuckets(value: unknown): value is Buckets {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([name, bounds]) => BUCKET_NAMES.includes(name) && isBounds(bounds));
}

function isBounds(bounds: unknown): boolean {
  if (!Array.isArray(bounds) || bounds.length > MOST_BOUNDS) return false;
  return bounds.every(
    (bound, index) => typeof bound === "number" && bound > (bounds[index - 1] ?? 0) && bound < Infinity,
  );
}
