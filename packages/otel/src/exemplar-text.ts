import type { Exemplar } from "@pinchpoint/probe";
import type { HistogramSeries } from "./histogram-series.ts";
import type { StageSeries } from "./stage-series.ts";

/** OpenMetrics allows 128 characters for the labels of an exemplar; ids of these forms have 63. */
const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;

/**
 * The newest exemplar of each bucket that it lies in. What is no exemplar is left out: a bad one makes a scraper refuse
 * the whole page.
 *
 * @param boundsSeconds - inclusive upper bounds, ascending
 */
export function bucketExemplars(
  exemplars: readonly Exemplar[],
  stages: StageSeries,
  boundsSeconds: readonly number[],
): ReadonlyMap<HistogramSeries, ReadonlyMap<number, Exemplar>> {
  const byName = stages.byName();
  const found = new Map<HistogramSeries, Map<number, Exemplar>>();
  for (const exemplar of exemplars) {
    const place = byName.get(exemplar.pipeline)?.get(exemplar.stage)?.duration;
    // One in the overflow would be an example of another stage's.
    if (place === undefined || place.isRefused || !isExemplar(exemplar)) continue;
    const above = boundsSeconds.findIndex((bound) => exemplar.seconds <= bound);
    const bucket = above === -1 ? boundsSeconds.length : above;
    const buckets = found.get(place.series) ?? new Map<number, Exemplar>();
    found.set(place.series, buckets);
    if ((buckets.get(bucket)?.atMs ?? Number.NEGATIVE_INFINITY) <= exemplar.atMs) buckets.set(bucket, exemplar);
  }
  return found;
}

/** What stands behind a bucket's value. */
export function exemplarText({ traceId, spanId, seconds, atMs }: Exemplar, clockOriginMs: number): string {
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${seconds} ${((clockOriginMs + atMs) / 1000).toFixed(3)}`;
}

function isExemplar({ traceId, spanId, seconds, atMs }: Exemplar): boolean {
  return seconds >= 0 && seconds < Infinity && Number.isFinite(atMs) && TRACE_ID.test(traceId) && SPAN_ID.test(spanId);
}
