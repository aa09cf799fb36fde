export const NO_SDK =
  "OTEL_EXPORTER_OTLP_ENDPOINT is set, but @opentelemetry/sdk-node is not installed, so nothing is exported; npm install @opentelemetry/sdk-node, or unset it.";

export function exportFailed(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  return `an export by OTLP failed (${String(code ?? message ?? error)}); check OTEL_EXPORTER_OTLP_ENDPOINT. It is tried again, and not said again.`;
}
