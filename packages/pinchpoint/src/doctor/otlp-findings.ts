import { wantsOtlp } from "@pinchpoint/otel/spans-wanted";
import { type Finding, note, ok, problem } from "./finding.ts";

export interface OtlpFacts {
  readonly environment: NodeJS.ProcessEnv;
  /** Whether `@opentelemetry/sdk-node` can be loaded from where applications start. */
  readonly hasSdk: boolean;
}

/** Whether traces and metrics go out by OTLP. */
export function otlpFindings({ environment, hasSdk }: OtlpFacts): Finding[] {
  if (!wantsOtlp(environment)) {
    return [note("OTLP", "nothing is exported, since OTEL_EXPORTER_OTLP_ENDPOINT is not set", null)];
  }
  const sdk = "@opentelemetry/sdk-node";
  if (!hasSdk) {
    return [problem("OTLP", `is asked for, but ${sdk} is not installed: nothing is exported`, `npm install ${sdk}`)];
  }
  return [ok("OTLP", "traces and metrics are exported, unless the application has an SDK of its own: then by that")];
}
