import { join } from "node:path";
import { BUCKETS_WANTED, type Buckets, isBuckets } from "./buckets-setting.ts";
import { INTEGRATIONS, isIntegration } from "./integration-names.ts";
import { isRenderer, PAGE_WANTED, type PageRenderer } from "./page-setting.ts";
import { portProblem } from "./port.ts";
import { TIMED_WANTED, timedProblem } from "./timed-setting.ts";
import { TRACES_WANTED, tracesProblem } from "./traces-setting.ts";

// Not imported: an import reads all of its exports, one of which loads promises.
const { closeSync, openSync, readSync } = process.getBuiltinModule("node:fs");

/** Looked for in the folder where a process starts. */
export const CONFIG_FILE = "pinchpoint.config.json";

/** Nobody writes more settings than this; a wrong path may lead to anything. */
const MOST_BYTES = 65_536;

/** What the file may say; its schema is `config.schema.json` beside the package. */
export interface FileSettings {
  readonly disabled?: boolean;
  readonly port?: number | "off";
  readonly httpRoutes?: readonly string[];
  readonly traces?: number | "off";
  readonly timed?: number | "all";
  readonly include?: readonly string[];
  readonly page?: PageRenderer;
  readonly buckets?: Buckets;
}

export interface ConfigFile {
  /** Where it is; null where there is none. */
  readonly path: string | null;
  /** Nothing where the file makes no sense. */
  readonly settings: FileSettings;
  /** What is wrong with it, as one sentence; null if nothing. */
  readonly problem: string | null;
}

const NO_FILE: ConfigFile = { path: null, settings: {}, problem: null };

/** What each setting must be; null where it is that. */
const RULES: Record<keyof FileSettings, (value: unknown) => string | null> = {
  disabled: (value) => (typeof value === "boolean" ? null : "true or false"),
  port: (value) => (typeof value === "number" || value === "off" ? portProblem(String(value)) : "a port, or off"),
  httpRoutes: (value) =>
    Array.isArray(value) && value.every((route) => typeof route === "string" && !route.includes(","))
      ? null
      : "a list of texts, one route each",
  traces: (value) => (typeof value === "number" || value === "off" ? tracesProblem(String(value)) : TRACES_WANTED),
  timed: (value) => (typeof value === "number" || value === "all" ? timedProblem(String(value)) : TIMED_WANTED),
  include: (value) =>
    Array.isArray(value) && value.every(isIntegration) ? null : `a list of ${INTEGRATIONS.join(", ")}`,
  page: (value) => (isRenderer(value) ? null : PAGE_WANTED),
  buckets: (value) => (isBuckets(value) ? null : BUCKETS_WANTED),
};

/**
 * The settings in a file.
 *
 * @param named - its path where somebody gave one (PINCHPOINT_CONFIG); it must then exist
 * @param folder - where the file is looked for otherwise
 */
export function readConfigFile(named: string | undefined, folder: string): ConfigFile {
  const isNamed = named !== undefined && named !== "";
  const path = isNamed ? named : join(folder, CONFIG_FILE);
  let text: string;
  try {
    text = beginningOf(path);
  } catch (error) {
    const { code = String(error) } = error as { code?: string };
    // A permission model that hides the folder hides that there is no file.
    if (!isNamed && (code === "ENOENT" || code === "ERR_ACCESS_DENIED")) return NO_FILE;
    return { path, settings: {}, problem: `cannot read ${path} (${code}).` };
  }
  const problem = problemIn(text);
  if (problem !== null) return { path, settings: {}, problem: `${path}: ${problem}.` };
  return { path, settings: JSON.parse(text) as FileSettings, problem: null };
}

function beginningOf(path: string): string {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(MOST_BYTES + 1);
    return bytes.toString("utf8", 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

function problemIn(text: string): string | null {
  if (Buffer.byteLength(text) > MOST_BYTES) return `it is longer than ${MOST_BYTES} bytes`;
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return "it is not JSON";
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return 'it must hold one object, such as { "port": 9464 }';
  }
  for (const [key, value] of Object.entries(given)) {
    // An editor finds the schema by it.
    if (key === "$schema") continue;
    if (!Object.hasOwn(RULES, key)) {
      return `there is no setting "${key}"; the settings are ${Object.keys(RULES).join(", ")}`;
    }
    const wanted = RULES[key as keyof FileSettings](value);
    if (wanted !== null) return `"${key}" must be ${wanted}, got ${JSON.stringify(value)}`;
  }
  return null;
}
