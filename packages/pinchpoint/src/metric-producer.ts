import { type BoundsByMetric, type Reading, SnapshotProducer, type Temporality } from "@pinchpoint/otel";
import { currentSession, type Session } from "./session.ts";

export interface MetricProducerOptions {
  /** What durations are told as: exact, or as readers want them that know no exponential ones; default `exponential`. */
  readonly histograms?: "explicit" | "exponential";
  /** Bounds of explicit buckets in seconds, for all durations or by the metric's name and `default`. */
  readonly boundsSeconds?: readonly number[] | BoundsByMetric;
  /** Since when points count; default `cumulative`. With any other, make a producer for each reader. */
  readonly temporality?: Temporality;
}

/**
 * Pinchpoint's metrics for a reader of your own SDK, which takes producers only when it is made:
 * `new PeriodicExportingMetricReader({ exporter, metricProducers: [metricProducer()] })`. It may be made before anything
 * records; until then, and where nothing does, it has nothing to tell. Its points are cumulative unless `temporality` says
 * otherwise: readers do not tell a producer what their exporters prefer. Views do not apply.
 *
 * @throws RangeError if boundsSeconds or temporality is not as described
 */
export function metricProducer(options: MetricProducerOptions = {}): SnapshotProducer {
  let read: { readonly session: Session; readonly next: () => Reading } | null = null;
  return new SnapshotProducer({
    histograms: "exponential",
    ...options,
    read: () => {
      const session = currentSession();
      if (session === null || session.newReader === null) return NOTHING;
      if (read?.session !== session) read = { session, next: session.newReader() };
      return read.next();
    },
  });
}

const NOTHING: Reading = {
  snapshot: { atMs: 0, threads: [], stages: [], resources: [], edges: [], stageRows: [], resourceRows: [], losses: {} },
  threads: [],
};
