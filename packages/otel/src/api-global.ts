import type { Context, ContextManager, MeterProvider, TextMapPropagator, TracerProvider } from "@opentelemetry/api";

/** What is registered with OpenTelemetry's API, whichever copy of it did that. */
export interface RegisteredApi {
  readonly trace?: TracerProvider;
  readonly metrics?: MeterProvider;
  readonly context?: ContextManager;
  readonly propagation?: TextMapPropagator;
}

const KEY = Symbol.for("opentelemetry.js.api.1");
const SPAN = Symbol.for("OpenTelemetry Context Key SPAN");

/**
 * Read where the API keeps it, and not through a copy of the API: one that is newer than the application's own takes what
 * that one registered for nothing (`isCompatible` in its internal/semver), and an application with SDK 2 has such a one.
 */
export function registeredApi(): RegisteredApi {
  return (globalThis as { [KEY]?: RegisteredApi })[KEY] ?? {};
}

/** The key under which every copy of the API keeps a context's span. */
export function withSpan(context: Context, span: unknown): Context {
  return context.setValue(SPAN, span);
}

export function withoutSpan(context: Context): Context {
  return context.deleteValue(SPAN);
}

/** @returns what is a span to whoever made it; undefined where the context has none */
export function spanOf(context: Context): unknown {
  return context.getValue(SPAN);
}
