import { createRequire } from "node:module";

interface Scope {
  readonly name: string;
  readonly version?: string;
}

let known: Scope | null = null;

/** What tells: everything that is handed to OpenTelemetry says it. */
export function scope(): Scope {
  known ??= { name: "pinchpoint", ...version() };
  return known;
}

/** By the package's name, because a bundle lies where another package.json is. Nothing where it is not installed. */
function version(): { readonly version?: string } {
  try {
    const { version } = createRequire(import.meta.url)("@pinchpoint/otel/package.json") as { readonly version: string };
    return { version };
  } catch {
    return {};
  }
}
