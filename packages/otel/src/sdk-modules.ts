import { createRequire } from "node:module";
import type * as PrometheusModule from "@opentelemetry/exporter-prometheus";
import type * as ResourcesModule from "@opentelemetry/resources";

const load = createRequire(import.meta.url);

/**
 * The parts of the SDK that run, loaded when they are first needed, so that only a process that is read from pays.
 * By `require`, because the CommonJS form of the exporter costs 82-109 ms of CPU and 20 MB, the ESM form of the same
 * 134-158 ms and 30 MB (Node 24.21, 2 cores); its package exports no smaller part.
 */
export function exporterPrometheus(): typeof PrometheusModule {
  return load("@opentelemetry/exporter-prometheus") as typeof PrometheusModule;
}

/** What a reader gets its resource by; 50-60 ms of CPU. */
export function sdkResources(): typeof ResourcesModule {
  return load("@opentelemetry/resources") as typeof ResourcesModule;
}
