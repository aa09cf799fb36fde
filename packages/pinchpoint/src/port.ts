import { UsageError } from "./usage-error.ts";

export const DEFAULT_PORT = 9464;

/** A port to serve metrics on, or null for none. */
export type Port = number | null;

/** What a text must be to be a port; null where it is one. */
export function portProblem(text: string): string | null {
  const port = Number(text);
  const isPort = text === "off" || (/^\d+$/.test(text) && port >= 1 && port <= 65_535);
  return isPort ? null : "a port from 1 to 65535, or off";
}

/**
 * @param text - a port number, `off`, or nothing for the default
 * @param name - what the setting is called where it was given
 * @throws UsageError that says what was given
 */
export function portOf(text: string | undefined, name: string): Port {
  if (text === undefined || text === "") return DEFAULT_PORT;
  const problem = portProblem(text);
  if (problem !== null) throw new UsageError(`${name} must be ${problem}, got "${text}".`);
  return text === "off" ? null : Number(text);
}
