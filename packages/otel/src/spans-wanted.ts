import { registeredApi } from "./api-global.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const ENDPOINTS = [
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
];

/** Datadog's tracer leaves this. */
const DATADOG = Symbol.for("dd-trace");

/** Whether the environment asks for OTLP. */
export function wantsOtlp(environment: Environment): boolean {
  const isDisabled = environment.OTEL_SDK_DISABLED?.toLowerCase() === "true";
  return !isDisabled && ENDPOINTS.some((name) => Boolean(environment[name]));
}

/** Whether somebody keeps spans by now, or will: an SDK is registered, or the environment asks for one. */
export function areSpansWanted(environment: Environment): boolean {
  return wantsOtlp(environment) || registeredApi().trace !== undefined;
}

/** Whether somebody traces this thread already: an SDK that is registered with the API, or Datadog's tracer. */
export function isTraced(): boolean {
  return registeredApi().trace !== undefined || Reflect.has(globalThis, DATADOG);
}
