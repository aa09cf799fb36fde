import { PinchpointError, type PinchpointErrorCode } from "./pinchpoint-error.ts";
import { PassingStage } from "./pipeline-stage.ts";
import { RecordingStage } from "./recording-stage.ts";
import type { ResourceKind } from "./snapshot.ts";
import type { UnitContext } from "./unit-runner.ts";

const MAX_NAME_LENGTH = 100;
const CONTEXTS: readonly UnitContext[] = ["ambient", "synchronous"];
const RESOURCE_KINDS: readonly ResourceKind[] = ["service", "lock", "limiter", "pool", "gpu"];

export function checkName(what: "pipeline" | "stage" | "resource", name: unknown): void {
  const isName = typeof name === "string" && name.length > 0 && name.length <= MAX_NAME_LENGTH;
  const given = typeof name === "string" ? `${name.length} characters` : told(name);
  check(
    isName,
    "PINCH_BAD_NAME",
    `the name of a ${what} must be a string of 1 to ${MAX_NAME_LENGTH} characters`,
    given,
  );
}

export function checkWorkers(workers: unknown): void {
  check(isPositive(workers), "PINCH_BAD_WORKERS", "workers must be a finite number > 0", told(workers));
}

export function checkCapacity(capacity: unknown): void {
  check(isPositive(capacity), "PINCH_BAD_CAPACITY", "capacity must be a finite number > 0", told(capacity));
}

export function checkKind(kind: unknown): void {
  const isKind = RESOURCE_KINDS.some((known) => known === kind);
  check(isKind, "PINCH_BAD_KIND", `the kind of a resource must be one of ${RESOURCE_KINDS.join(", ")}`, told(kind));
}

export function checkAttributes(attributes: unknown): void {
  if (attributes === undefined) return;
  const rule = "attributes must be an object whose values are strings";
  const isObject = typeof attributes === "object" && attributes !== null && !Array.isArray(attributes);
  check(isObject, "PINCH_BAD_ATTRIBUTES", rule, told(attributes));
  for (const [key, value] of Object.entries(attributes as object)) {
    check(typeof value === "string", "PINCH_BAD_ATTRIBUTES", rule, `${told(value)} for ${key}`);
  }
}

export function checkContext(context: unknown): void {
  const isContext = context === undefined || CONTEXTS.some((known) => known === context);
  check(isContext, "PINCH_BAD_CONTEXT", `the context of a stage must be one of ${CONTEXTS.join(", ")}`, told(context));
}

export function checkFrom(from: unknown): void {
  if (from === undefined) return;
  const rule = "from must be an array of stages that this process has declared";
  check(Array.isArray(from), "PINCH_BAD_FROM", rule, told(from));
  for (const stage of from as readonly unknown[]) {
    const isStage = stage instanceof RecordingStage || stage instanceof PassingStage;
    check(isStage, "PINCH_BAD_FROM", rule, `${told(stage)} in it`);
  }
}

function isPositive(value: unknown): boolean {
  return value === undefined || (typeof value === "number" && Number.isFinite(value) && value > 0);
}

/** What was given, shortly; never by code of its own, which may throw. */
function told(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return String(value);
  return Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : "a function";
}

function check(isGood: boolean, code: PinchpointErrorCode, rule: string, given: string): void {
  if (!isGood) throw new PinchpointError(code, `${rule}, got ${given}`);
}
