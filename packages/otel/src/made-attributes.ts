import type { Attributes } from "@opentelemetry/api";
import type { MadeAttributes, MadeValue } from "@pinchpoint/probe";

/** Of a span, and of an event: foreign text is not kept without a bound, and a thread's spans share a small memory. */
export const MOST_ATTRIBUTES = 64;
const MOST_KEY = 256;
const MOST_TEXT = 2048;
const MOST_VALUES = 64;

/**
 * Attributes as they go to another thread: the first 64, with texts cut at 2,048 characters and lists at 64 values. What is
 * no attribute is left out, as are numbers that are not finite.
 *
 * @param before - what is there already; of the same name the later one counts
 */
export function keptAttributes(attributes: Attributes | undefined, before: MadeAttributes = {}): MadeAttributes {
  const kept: Record<string, MadeAttributes[string]> = { ...before };
  let room = MOST_ATTRIBUTES - Object.keys(kept).length;
  for (const [key, given] of Object.entries(attributes ?? {})) {
    const value = keptValue(given);
    const isNew = !Object.hasOwn(kept, key);
    if (value === null || key === "" || key.length > MOST_KEY || (isNew && room <= 0)) continue;
    if (isNew) room -= 1;
    kept[key] = value;
  }
  return kept;
}

export function keptText(text: unknown): string {
  return String(text).slice(0, MOST_TEXT);
}

function keptValue(value: unknown): MadeAttributes[string] | null {
  if (!Array.isArray(value)) return keptOne(value);
  return value.slice(0, MOST_VALUES).flatMap((one) => keptOne(one) ?? []);
}

function keptOne(value: unknown): MadeValue | null {
  if (typeof value === "string") return keptText(value);
  return typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value)) ? value : null;
}
