import { type Reading, SnapshotProducer } from "@pinchpoint/otel";
import { currentSession, type Session } from "./session.ts";

export interface MetricProducerOptions {
  /** What durations are told as: exact, or as readers want them that know no exponential ones; default `exponential`. */
  readonly histograms?: "explicit" | "exponential";
}

/**
 * Pinchpoint's metrics for a reader of your own SDK, which takes producers only when it is made:
 * `new PeriodicExportingMetricReader({ exporter, metricProducers: [metricProducer()] })`. It may be made before anything
 * records; until then, and where nothing does, it has nothing to tell. Its points are cumulative, and views do not apply.
 */
export function metricProducer(options: MetricProducerOptions = {}): SnapshotProducer {
  const { histograms = "exponential" } = options;
  let read: { readonly session: Session; readonly next: () => Reading } | null = null;
  return new SnapshotProducer({
    histograms,
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
