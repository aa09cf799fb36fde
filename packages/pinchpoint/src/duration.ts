import { UsageError } from "./usage-error.ts";

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Timers take no more: 2^31 - 1 ms, some 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * @param text - a number and a unit: `500ms`, `20s`, `1.5m`, `2h`
 * @param name - what the duration is called where it was given
 * @returns milliseconds, > 0
 * @throws UsageError that says what was given
 */
export function durationMsOf(text: string, name: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const durationMs = Number(count) * (UNITS_MS[unit ?? ""] ?? Number.NaN);
  if (durationMs > 0 && durationMs <= LONGEST_MS) return durationMs;
  throw new UsageError(`${name} must be a duration such as 500ms, 20s, 5m or 2h (at most 24 days), got "${text}".`);
}
