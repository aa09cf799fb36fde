import type { Entity } from "./verdict.ts";

/** `0.974` as `97 %`. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** A rate or an amount with three significant digits, without exponents. */
export function amount(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 100) return String(Math.round(value));
  if (size >= 10) return value.toFixed(1);
  if (size >= 0.01) return value.toFixed(2);
  return value.toPrecision(2);
}

export function duration(seconds: number): string {
  if (seconds >= 120) return `${amount(seconds / 60)} min`;
  if (seconds >= 10) return `${Math.round(seconds)} s`;
  if (seconds >= 1) return `${seconds.toFixed(1)} s`;
  return `${amount(seconds * 1000)} ms`;
}

export function plural(count: number, one: string): string {
  return `${amount(count)} ${one}${count === 1 ? "" : "s"}`;
}

/** What people call an entity. */
export function label(entity: Entity): string {
  switch (entity.kind) {
    case "event-loop":
      return `event loop ${entity.name}`;
    case "gc":
      return `garbage collection on ${entity.name}`;
    case "memory":
      return `heap limit of ${entity.name}`;
    case "cpu":
      return "CPU";
    case "in-flight-cap":
      return "the cap on units in flight";
    case "source":
      return `source ${entity.name}`;
    default:
      return entity.name;
  }
}
