import { PinchpointError } from "@pinchpoint/probe";

/** Calls that get a name of their own, instead of counting for their host as a whole. */
export interface HttpRoute {
  /** As the resource is named, so with the port only where it is not the scheme's default; default: every host. */
  readonly host?: string;
  /** Default: every method. */
  readonly method?: string;
  /** Compared segment by segment and without the query; a segment like `:id` stands for any one that is not empty. */
  readonly path: string;
}

/** A thread has 64 rows, of which each stage takes one for each name: a crawler's hosts must leave some for stages. */
const MAX_NAMES = 16;
const OTHERS = "other hosts";

interface Route {
  readonly host: string | null;
  readonly method: string | null;
  readonly segments: readonly string[];
  readonly label: string;
}

/** Names for calls: by host, or by a listed route of it; never by anything else that a call says of itself. */
export class CallNames {
  readonly #routes: readonly Route[];
  readonly #names = new Set<string>();
  readonly #hosts = new Map<string, string>();

  /** @throws PinchpointError where a route is none */
  constructor(routes: readonly HttpRoute[]) {
    if (!Array.isArray(routes)) {
      throw new PinchpointError("PINCH_BAD_NAME", `routes must be a list, got ${JSON.stringify(routes)}`);
    }
    this.#routes = routes.map(routeOf);
  }

  /** @param origin - as in `https://api.example.com:8443`; a user and password in it are left out */
  ofOrigin(origin: string, method: string, path: string): string {
    return this.of(this.#hosts.get(origin) ?? this.#hostOf(origin), method, path);
  }

  /**
   * @param host - as a URL has it: with the port where it is not the scheme's default
   * @param path - of which only the listed route is told that it matches
   */
  of(host: string, method: string, path: string): string {
    const route = this.#routes.length === 0 ? null : this.#routeOf(host, method, path);
    const name = route === null ? host : `${host} ${route.label}`;
    if (this.#names.has(name)) return name;
    if (this.#names.size >= MAX_NAMES) return OTHERS;
    this.#names.add(name);
    return name;
  }

  #hostOf(origin: string): string {
    const { host } = new URL(origin);
    if (this.#hosts.size < MAX_NAMES) this.#hosts.set(origin, host);
    return host;
  }

  #routeOf(host: string, method: string, path: string): Route | null {
    const segments = segmentsOf(path);
    for (const route of this.#routes) {
      if (route.host !== null && route.host !== host) continue;
      if (route.method !== null && route.method !== method) continue;
      if (matches(route.segments, segments)) return route;
    }
    return null;
  }
}

/** @throws PinchpointError where it is no route */
export function checkedRoute(given: HttpRoute): HttpRoute {
  const { host, method, path } = given ?? {};
  const isRoute =
    typeof path === "string" &&
    path.startsWith("/") &&
    !/[?#]/.test(path) &&
    [host, method].every((part) => part === undefined || (typeof part === "string" && part !== ""));
  if (!isRoute) {
    throw new PinchpointError(
      "PINCH_BAD_NAME",
      `a route must be like { host: "api.example.com", method: "GET", path: "/v1/:id" } with a path that begins with / ` +
        `and has no query, got ${JSON.stringify(given)}`,
    );
  }
  return given;
}

function routeOf(given: HttpRoute): Route {
  const { host, method, path } = checkedRoute(given);
  const upper = method?.toUpperCase() ?? null;
  return {
    host: host?.toLowerCase() ?? null,
    method: upper,
    segments: segmentsOf(path),
    label: upper === null ? path : `${upper} ${path}`,
  };
}

function segmentsOf(path: string): readonly string[] {
  const end = path.search(/[?#]/);
  return (end < 0 ? path : path.slice(0, end)).split("/");
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, i) => (part.startsWith(":") ? segments[i] !== "" : part === segments[i]))
  );
}
