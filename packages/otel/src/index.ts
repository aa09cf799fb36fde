export { DURATION_BOUNDS_SECONDS } from "./explicit-buckets.ts";
export { type LoopDelay, type Reading, SnapshotProducer, type SnapshotProducerOptions } from "./producer.ts";
export {
  type ListenRefused,
  type PortTaken,
  type PrometheusOptions,
  type Serving,
  servePrometheus,
} from "./prometheus.ts";
export type { ThreadReading } from "./thread-series.ts";
