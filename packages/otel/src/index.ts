export { registeredApi } from "./api-global.ts";
export { ApiTracing, type ApiTracingOptions } from "./api-tracing.ts";
export type { CollectorOptions, LoopDelay, Reading } from "./collector.ts";
export { DURATION_BOUNDS_SECONDS } from "./explicit-buckets.ts";
export { ExporterPage } from "./exporter-page.ts";
export { sdkPath } from "./installed-sdk.ts";
export type { BoundsByMetric } from "./metric-bounds.ts";
export { MetricsPage, type MetricsPageOptions } from "./metrics-page.ts";
export { isComplete, type Otlp, type OtlpOptions, startOtlp } from "./otlp.ts";
export type { Page, PageFormat } from "./page.ts";
export { SnapshotProducer, type SnapshotProducerOptions } from "./producer.ts";
export {
  type ListenRefused,
  type PortTaken,
  type PrometheusOptions,
  type Serving,
  servePrometheus,
} from "./prometheus.ts";
export { otlpTemporality, type Temporality } from "./temporality.ts";
export type { ThreadReading } from "./thread-series.ts";
