import type { HrTime } from "@opentelemetry/api";

/** Seconds and nanoseconds since 1970. */
export function hrTime(sinceEpochMs: number): HrTime {
  const seconds = Math.floor(sinceEpochMs / 1000);
  return [seconds, Math.round((sinceEpochMs - seconds * 1000) * 1e6)];
}
