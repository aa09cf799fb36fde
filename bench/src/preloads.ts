import { createRequire } from "node:module";
import type { Kept } from "./experiment.ts";
import { PRELOAD } from "./program-process.ts";

/** What is put before an application, and how it is told to serve its metrics to Prometheus at a port. */
export interface Preload {
  readonly words: readonly string[];
  readonly environment: (port: number) => NodeJS.ProcessEnv;
  /** The symbol that it leaves in `globalThis` where it runs; null where nothing is to run. */
  readonly mark: string | null;
}

const MARKS = ["pinchpoint.recorder/v1", "opentelemetry.js.api.1", "dd-trace"];

const { resolve } = createRequire(import.meta.url);

export const NO_PRELOAD: Preload = { words: [], environment: () => ({}), mark: null };

export const PINCHPOINT: Preload = {
  words: ["--require", PRELOAD],
  environment: (port) => ({ PINCHPOINT_PORT: String(port) }),
  mark: "pinchpoint.recorder/v1",
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
  mark: "opentelemetry.js.api.1",
});

/** It has no page: it sends spans to an agent, if there is one. */
export const ddTrace = (): Preload => ({
  words: ["--require", resolve("dd-trace/init")],
  environment: () => ({}),
  mark: "dd-trace",
});

/** Pinchpoint's, told by a variable not to record. */
export function disabledPinchpoint(variable: string): Preload {
  return { ...PINCHPOINT, environment: () => ({ [variable]: "true" }), mark: null };
}

/** Whether it runs, and no other one: by the symbols in an application's `globalThis`. */
export function runsAlone({ mark }: Preload, globals: readonly string[]): Kept {
  const isRight = MARKS.every((one) => globals.includes(one) === (one === mark));
  return {
    what: mark === null ? "processes without a preload that runs" : "preloads",
    done: 1,
    recorded: isRight ? 1 : 0,
  };
}
