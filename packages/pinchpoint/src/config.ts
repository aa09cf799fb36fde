import type { Buckets } from "./buckets-setting.ts";
import { type ConfigFile, readConfigFile } from "./config-file.ts";
import { ENVIRONMENT } from "./environment.ts";

/** What the environment and the config file say; the environment goes before the file. */
export interface Settings {
  /** Folder that `pinchpoint run` reads; null outside of it. */
  readonly handOverFolder: string | null;
  /** Why nothing is to be recorded, as a clause; null if it is. */
  readonly disabledBy: string | null;
  /** Text of the port, not judged yet: a process that records nothing must not complain about it. */
  readonly portText: string | undefined;
  /** Text of the HTTP routes, with commas between them, not judged yet either. */
  readonly routesText: string | undefined;
  /** Text of how many traces a stage begins in a second, not judged yet either. */
  readonly tracesText: string | undefined;
  /** Text of up to how many units a second each is timed, not judged yet either. */
  readonly timedText: string | undefined;
  /** Text of what is found by itself, with commas between the names; nothing for all. */
  readonly includeText: string | undefined;
  /** Text of who renders /metrics, not judged yet. */
  readonly pageText: string | undefined;
  /** Bounds of histogram buckets; nothing for the usual ones. */
  readonly buckets: Buckets | undefined;
  readonly file: ConfigFile;
}

/**
 * The same rule as in register.cts, which loads nothing to apply it. OpenTelemetry's variable turns everything off, unless
 * the own one says otherwise; as its specification has it, it is "true" in any case, and nothing else.
 *
 * @returns the variable by which nothing is recorded; null if the environment does not say so
 */
export function disablingVariable(environment: NodeJS.ProcessEnv): string | null {
  const own = environment[ENVIRONMENT.disabled];
  if (own) return own === "true" || own === "1" ? ENVIRONMENT.disabled : null;
  return environment[ENVIRONMENT.sdkDisabled]?.toLowerCase() === "true" ? ENVIRONMENT.sdkDisabled : null;
}

/** Where this process started; a folder that is gone has no config file. */
export function startFolder(): string {
  try {
    return process.cwd();
  } catch {
    return ".";
  }
}

/** @param folder - where a config file is looked for, unless the environment names one */
export function settingsOf(environment: NodeJS.ProcessEnv, folder: string): Settings {
  const file = readConfigFile(environment[ENVIRONMENT.config], folder);
  const { port, httpRoutes, traces, timed, include, page, buckets } = file.settings;
  return {
    handOverFolder: environment[ENVIRONMENT.handOver] || null,
    disabledBy: disabledBy(environment, file),
    portText: environment[ENVIRONMENT.port] || (port === undefined ? undefined : String(port)),
    routesText: environment[ENVIRONMENT.httpRoutes] || httpRoutes?.join(", "),
    tracesText: environment[ENVIRONMENT.traces] || (traces === undefined ? undefined : String(traces)),
    timedText: environment[ENVIRONMENT.timed] || (timed === undefined ? undefined : String(timed)),
    includeText: environment[ENVIRONMENT.include] || include?.join(", "),
    pageText: environment[ENVIRONMENT.page] || page,
    buckets,
    file,
  };
}

function disabledBy(environment: NodeJS.ProcessEnv, file: ConfigFile): string | null {
  const variable = disablingVariable(environment);
  if (variable !== null) return `${variable} is set`;
  if (environment[ENVIRONMENT.disabled]) return null;
  return file.settings.disabled === true ? `${file.path} says "disabled"` : null;
}
