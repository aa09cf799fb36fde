import { UsageError } from "./usage-error.ts";

export const DEFAULT_PORT = 9464;

/** A port to serve metrics on, or null for none. */
export type Port = number | null;

/** What the environment says. */
export interface Settings {
  /** Folder that `pinchpoint run` reads; null outside of it. */
  readonly handOverFolder: string | null;
  /** Text of PINCHPOINT_PORT, not judged yet: a process that records nothing must not complain about it. */
  readonly portText: string | undefined;
  /** Text of PINCHPOINT_HTTP_ROUTES, not judged yet either. */
  readonly routesText: string | undefined;
}

export const ENVIRONMENT = {
  disabled: "PINCHPOINT_DISABLED",
  handOver: "PINCHPOINT_HANDOVER",
  port: "PINCHPOINT_PORT",
  httpRoutes: "PINCHPOINT_HTTP_ROUTES",
} as const;

/** The same rule as in register.cts, which loads nothing to apply it. */
export function isDisabled(environment: NodeJS.ProcessEnv): boolean {
  const text = environment[ENVIRONMENT.disabled];
  return text === "true" || text === "1";
}

export function settingsOf(environment: NodeJS.ProcessEnv): Settings {
  return {
    handOverFolder: environment[ENVIRONMENT.handOver] || null,
    portText: environment[ENVIRONMENT.port],
    routesText: environment[ENVIRONMENT.httpRoutes],
  };
}

/**
 * @param text - a port number, `off`, or nothing for the default
 * @param name - what the setting is called where it was given
 * @throws UsageError that says what was given
 */
export function portOf(text: string | undefined, name: string): Port {
  if (text === undefined || text === "") return DEFAULT_PORT;
  if (text === "off") return null;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new UsageError(`${name} must be a port from 1 to 65535, or off, got "${text}".`);
}
