/**
 * Since when what a reader is told counts: `cumulative`, from the start of the recorder's clock; `delta`, from when it was
 * told last; `lowmemory`, as OpenTelemetry has it: distributions as `delta`, and counters, which are read from memory as
 * its asynchronous instruments are, as `cumulative`.
 */
export type Temporality = "cumulative" | "delta" | "lowmemory";

const TEMPORALITIES: readonly Temporality[] = ["cumulative", "delta", "lowmemory"];

/** @throws RangeError if it is none */
export function checkTemporality(temporality: Temporality): Temporality {
  if (TEMPORALITIES.includes(temporality)) return temporality;
  throw new RangeError(`temporality must be ${TEMPORALITIES.join(", ")}; got ${temporality}`);
}

/** What the environment prefers for OTLP, read as the SDK's exporters read it: what they do not know is cumulative. */
export function otlpTemporality(environment: Readonly<Record<string, string | undefined>>): Temporality {
  const text = environment.OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE?.trim().toLowerCase();
  return TEMPORALITIES.find((temporality) => temporality === text) ?? "cumulative";
}
