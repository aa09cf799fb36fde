export { isTraced, registeredApi } from "./api-global.ts";
export { ApiTracing, type ApiTracingOptions } from "./api-tracing.ts";
export { DURATION_BOUNDS_SECONDS } from "./explicit-buckets.ts";
export { sdkPath } from "./installed-sdk.ts";
export { isComplete, type Otlp, type OtlpOptions, startOtlp, wantsOtlp } from "./otlp.ts";
export { type LoopDelay, type Reading, SnapshotProducer, type SnapshotProducerOptions } from "./producer.ts";
export {
  type ListenRefused,
  type PortTaken,
  type PrometheusOptions,
  type Serving,
  servePrometheus,
} from "./prometheus.ts";
export type { ThreadReading } from "./thread-series.ts";
