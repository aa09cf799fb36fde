import type { ResourceDetector } from "@opentelemetry/resources";
import type { MetricProducer, PushMetricExporter } from "@opentelemetry/sdk-metrics";
import type * as SdkNodeModule from "@opentelemetry/sdk-node";
import { type RegisteredApi, registeredApi } from "./api-global.ts";
import { ApiTracing } from "./api-tracing.ts";
import { type InstalledSdk, installedSdk } from "./installed-sdk.ts";
import { PresetIds } from "./preset-ids.ts";
import { quiet } from "./quiet-exporter.ts";
import type { Environment } from "./spans-wanted.ts";

type SdkConfiguration = NonNullable<ConstructorParameters<typeof SdkNodeModule.NodeSDK>[0]>;
type SpanExporter = NonNullable<SdkConfiguration["traceExporter"]>;

export interface OtlpOptions {
  /** What is told as metrics; its durations should be exponential histograms. */
  readonly producer: MetricProducer;
  /** Unless the environment names the service. */
  readonly serviceName: string;
  /** OTEL_* variables. The SDK reads those that are not read here from `process.env`. */
  readonly environment: Environment;
  /** Where the application is: its SDK serves where none is installed beside Pinchpoint. */
  readonly folder: string;
  /** Told of each export that failed. */
  readonly onFailure: (error: unknown) => void;
}

export interface Otlp {
  /** Null where traces are turned off. */
  readonly tracing: ApiTracing | null;
  /** Sends what there is; never rejects. */
  flush(): Promise<void>;
}

/**
 * Starts OpenTelemetry's SDK, registered with its API, so that the application's own spans and metrics go out as well.
 * The standard variables (OTEL_*) say where to and how. Logs are left alone.
 *
 * @returns null where `@opentelemetry/sdk-node` is not installed
 * @throws Error where the installed one is not as expected
 */
export function startOtlp(options: OtlpOptions): Otlp | null {
  const installed = installedSdk(options.folder);
  if (installed === null) return null;
  const { environment, serviceName, onFailure } = options;
  const ids = new PresetIds();
  const isNamed = Boolean(environment.OTEL_SERVICE_NAME) || /(^|,)\s*service\.name=/.test(resourceText(environment));
  const exporter = traceExporter(installed, environment);
  const sdk = new installed.node.NodeSDK({
    ...(isNamed ? {} : { serviceName }),
    ...(environment.OTEL_NODE_RESOURCE_DETECTORS ? {} : { resourceDetectors: detectors(installed) }),
    ...(exporter === null ? {} : { traceExporter: quiet(exporter, onFailure) }),
    metricReaders: metricReaders(installed, options),
    logRecordProcessors: [],
    idGenerator: ids,
  });
  sdk.start();
  const api = registeredApi();
  const wantsTraces = environment.OTEL_TRACES_EXPORTER !== "none";
  const tracing = wantsTraces && isComplete(api) ? new ApiTracing({ api, ids }) : null;
  const flush = async () => {
    await Promise.allSettled([flushed(api.trace), flushed(api.metrics)]);
  };
  return { tracing, flush };
}

/** Providers of the SDK can be flushed, which the API does not know; that of traces stands behind a proxy. */
async function flushed(provider: object | undefined): Promise<void> {
  const { getDelegate } = (provider ?? {}) as { getDelegate?: () => object };
  const real = getDelegate === undefined ? provider : Reflect.apply(getDelegate, provider, []);
  await (real as { forceFlush?: () => Promise<void> } | undefined)?.forceFlush?.();
}

export function isComplete(
  api: RegisteredApi,
): api is RegisteredApi & Required<Pick<RegisteredApi, "trace" | "context">> {
  return api.trace !== undefined && api.context !== undefined;
}

/** By which package a protocol is spoken; others than these are the SDK's own affair. */
const HTTP: Readonly<Record<string, string>> = { "http/protobuf": "proto", "http/json": "http" };

/** @returns null where the SDK is to make its own of the environment */
function traceExporter(installed: InstalledSdk, environment: Environment): SpanExporter | null {
  const kind = environment.OTEL_TRACES_EXPORTER || "otlp";
  const spoken = HTTP[protocolOf(environment, "TRACES")];
  if (kind !== "otlp" || spoken === undefined) return null;
  const packageName = `@opentelemetry/exporter-trace-otlp-${spoken}`;
  return installed.exporter(packageName, "OTLPTraceExporter", timeout(environment, "TRACES")) as SpanExporter;
}

function metricReaders(installed: InstalledSdk, { environment, producer, onFailure }: OtlpOptions) {
  if ((environment.OTEL_METRICS_EXPORTER || "otlp") !== "otlp") return [];
  const spoken = HTTP[protocolOf(environment, "METRICS")] ?? "grpc";
  const packageName = `@opentelemetry/exporter-metrics-otlp-${spoken}`;
  const exporter = installed.exporter(packageName, "OTLPMetricExporter", timeout(environment, "METRICS"));
  const exportIntervalMillis = positive(environment.OTEL_METRIC_EXPORT_INTERVAL, 60_000);
  const exportTimeoutMillis = Math.min(exportIntervalMillis, positive(environment.OTEL_METRIC_EXPORT_TIMEOUT, 30_000));
  return [
    new installed.metrics.PeriodicExportingMetricReader({
      exporter: quiet(exporter as PushMetricExporter, onFailure),
      exportIntervalMillis,
      exportTimeoutMillis,
      metricProducers: [producer],
    }),
  ];
}

/**
 * Not the SDK's own choice: its process detector tells the command line and the user's name, and a command line may hold
 * anything.
 */
function detectors({ resources }: InstalledSdk): ResourceDetector[] {
  const { envDetector, hostDetector, osDetector, serviceInstanceIdDetector } = resources;
  return [serviceInstanceIdDetector, PROCESS, hostDetector, osDetector, envDetector];
}

const PROCESS: ResourceDetector = {
  detect: () => ({
    attributes: {
      "process.pid": process.pid,
      "process.runtime.name": "nodejs",
      "process.runtime.version": process.versions.node,
    },
  }),
};

/**
 * Where the environment says nothing, an export and its retries take this long at most, and not the 10 s of the standard:
 * while one is under way its timers keep the process alive, and a receiver that does not answer must not.
 */
const TIMEOUT_MS = 3000;

function timeout(environment: Environment, signal: "TRACES" | "METRICS"): { timeoutMillis?: number } {
  const isSaid = environment.OTEL_EXPORTER_OTLP_TIMEOUT || environment[`OTEL_EXPORTER_OTLP_${signal}_TIMEOUT`];
  return isSaid ? {} : { timeoutMillis: TIMEOUT_MS };
}

function protocolOf(environment: Environment, signal: "TRACES" | "METRICS"): string {
  const own = environment[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`];
  return (own || environment.OTEL_EXPORTER_OTLP_PROTOCOL || "http/protobuf").trim();
}

function resourceText(environment: Environment): string {
  return environment.OTEL_RESOURCE_ATTRIBUTES ?? "";
}

function positive(text: string | undefined, otherwise: number): number {
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? value : otherwise;
}
