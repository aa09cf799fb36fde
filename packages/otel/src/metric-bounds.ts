import { METRICS, type MetricKey } from "@pinchpoint/probe";
import { DURATION_BOUNDS_SECONDS } from "./explicit-buckets.ts";

/** Inclusive upper bounds in seconds by the histogram's name, such as `pinchpoint.stage.duration`; `default` for the rest. */
export type BoundsByMetric = Readonly<Record<string, readonly number[]>>;

/** As OpenTelemetry's semantic conventions advise for garbage collections; what threads tell comes in these. */
export const GC_BOUNDS_SECONDS: readonly number[] = [0.01, 0.1, 1, 10];
const COLLECT_BOUNDS_SECONDS: readonly number[] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

/** Prometheus makes a series of each, for each stage. */
const MOST_BOUNDS = 100;
const DEFAULT = "default";

/** Histograms whose bounds can be set, by name. */
const SETTABLE: ReadonlyMap<string, MetricKey> = new Map(
  (["stageDuration", "resourceWaitDuration", "resourceUseDuration", "collectDuration"] as const).map((key) => [
    METRICS[key].name,
    key,
  ]),
);

/**
 * The bounds of each histogram.
 *
 * @param given - those of all durations of stages and resources, or by metric
 * @throws RangeError if bounds are not finite, > 0 and ascending, or more than 100, or for a metric that has none to set
 */
export function metricBounds(given: readonly number[] | BoundsByMetric): ReadonlyMap<MetricKey, readonly number[]> {
  const byName = new Map(isList(given) ? [[DEFAULT, given]] : Object.entries(given));
  for (const [name, bounds] of byName) {
    if (name !== DEFAULT && !SETTABLE.has(name)) {
      const names = [DEFAULT, ...SETTABLE.keys()].join(", ");
      throw new RangeError(`boundsSeconds can be set for ${names}; got ${name}`);
    }
    check(isList(given) ? "boundsSeconds" : `boundsSeconds of ${name}`, bounds);
  }
  const otherwise = byName.get(DEFAULT) ?? DURATION_BOUNDS_SECONDS;
  const bounds = new Map<MetricKey, readonly number[]>([["gcDuration", GC_BOUNDS_SECONDS]]);
  for (const [name, key] of SETTABLE) {
    bounds.set(key, [...(byName.get(name) ?? (key === "collectDuration" ? COLLECT_BOUNDS_SECONDS : otherwise))]);
  }
  return bounds;
}

function isList(given: readonly number[] | BoundsByMetric): given is readonly number[] {
  return Array.isArray(given);
}

function check(what: string, bounds: readonly number[]): void {
  if (!Array.isArray(bounds)) throw new RangeError(`${what} must be a list of numbers, got ${String(bounds)}`);
  if (!bounds.every((bound, index) => bound > (bounds[index - 1] ?? 0) && bound < Infinity)) {
    throw new RangeError(`${what} must be finite, > 0 and ascending, got ${bounds.join(", ")}`);
  }
  if (bounds.length > MOST_BOUNDS) {
    throw new RangeError(`${what} must be at most ${MOST_BOUNDS}, got ${bounds.length}`);
  }
}
