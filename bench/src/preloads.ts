import { createRequire } from "node:module";
import { PRELOAD } from "./program-process.ts";

/** What is put before an application, and how it is told to serve its metrics to Prometheus at a port. */
export interface Preload {
  readonly words: readonly string[];
  readonly environment: (port: number) => NodeJS.ProcessEnv;
}

const { resolve } = createRequire(import.meta.url);

export const NO_PRELOAD: Preload = { words: [], environment: () => ({}) };

export const PINCHPOINT: Preload = {
  words: ["--require", PRELOAD],
  environment: (port) => ({ PINCHPOINT_PORT: String(port) }),
};

/** As it comes, but for spans and logs, which have nowhere to go, and for who asks the cloud where it runs. */
export const autoInstrumentations = (): Preload => ({
  words: ["--require", resolve("@opentelemetry/auto-instrumentations-node/register")],
  environment: (port) => ({
    OTEL_METRICS_EXPORTER: "prometheus",
    OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    OTEL_TRACES_EXPORTER: "none",
    OTEL_LOGS_EXPORTER: "none",
    OTEL_NODE_RESOURCE_DETECTORS: "env,host,os,process",
  }),
});

/** It has no page: it sends spans to an agent, if there is one. */
export const ddTrace = (): Preload => ({ words: ["--require", resolve("dd-trace/init")], environment: () => ({}) });
