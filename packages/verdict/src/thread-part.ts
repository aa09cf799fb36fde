import type { OutsideSnapshot, ThreadSnapshot } from "./recording.ts";

/** What one thread did within a window; null where nobody told. Seconds of the window only, never cumulative. */
export interface ThreadPart {
  readonly thread: number;
  readonly cpuSeconds: number | null;
  readonly runQueueSeconds: number | null;
  readonly loopActiveSeconds: number | null;
  readonly loopIdleSeconds: number | null;
  readonly gcSeconds: number | null;
  readonly markSweepSeconds: number | null;
  /** At the window's end. */
  readonly heapBytes: number | null;
  readonly heapLimitBytes: number | null;
  /** By name. */
  readonly outside: readonly OutsideSnapshot[];
}

const COUNTERS = [
  "cpuSeconds",
  "runQueueSeconds",
  "loopActiveSeconds",
  "loopIdleSeconds",
  "gcSeconds",
  "markSweepSeconds",
] as const;
type Counters = Pick<ThreadPart, (typeof COUNTERS)[number]>;

export function threadBetween(before: ThreadSnapshot, after: ThreadSnapshot): ThreadPart {
  const counters = COUNTERS.map((name) => [name, riseOrNull(before[name] ?? null, after[name] ?? null)]);
  const was = new Map((before.outside ?? []).map(({ name, seconds }) => [name, seconds]));
  return {
    thread: after.thread,
    ...(Object.fromEntries(counters) as unknown as Counters),
    heapBytes: after.heapBytes ?? null,
    heapLimitBytes: after.heapLimitBytes ?? null,
    outside: (after.outside ?? []).map(({ name, seconds }) => ({ name, seconds: rise(was.get(name) ?? 0, seconds) })),
  };
}

/** One thread's parts, in the order of time, as if they had been one; at least one. */
export function sumOfThread(parts: readonly ThreadPart[]): ThreadPart {
  const last = parts.at(-1) as ThreadPart;
  const counters = COUNTERS.map((name) => [name, totalOrNull(parts.map((part) => part[name]))]);
  const outside = new Map<string, number>();
  for (const part of parts)
    for (const { name, seconds } of part.outside) outside.set(name, (outside.get(name) ?? 0) + seconds);
  return {
    ...last,
    ...(Object.fromEntries(counters) as unknown as Counters),
    heapBytes: largest(parts.map((part) => part.heapBytes)),
    heapLimitBytes: largest(parts.map((part) => part.heapLimitBytes)),
    // By name, not by when it was first seen: sums of floats depend on their order.
    outside: [...outside].map(([name, seconds]) => ({ name, seconds })).sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** Counters never fall; a difference below zero is rounding. */
export function rise(before: number | null, after: number): number {
  return Math.max(0, after - (before ?? 0));
}

export function riseOrNull(before: number | null, after: number | null): number | null {
  return after === null ? null : rise(before, after);
}

/** The sum; null if a part is unknown. */
export function totalOrNull(values: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const value of values) {
    if (value === null) return null;
    sum += value;
  }
  return sum;
}

function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
