import { parseArgs } from "node:util";
import { settingsOf, startFolder } from "../config.ts";
import { durationMsOf } from "../duration.ts";
import { ENVIRONMENT } from "../environment.ts";
import { routesOf } from "../http-routes.ts";
import { includedBy } from "../include.ts";
import { type Port, portOf } from "../port.ts";
import { UsageError } from "../usage-error.ts";
import { strictly } from "./arguments.ts";

export interface RunOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly limitMs: number | null;
  readonly graceMs: number;
  readonly everyMs: number | null;
  readonly jsonFile: string | null;
  readonly recordFile: string | null;
  /** Why nothing is to be recorded; null if it is. */
  readonly disabledBy: string | null;
  /** Node's permission model is asked for, as far as the command and NODE_OPTIONS tell. */
  readonly hasPermissions: boolean;
  /** Undefined leaves the choice to the environment. */
  readonly port: Port | undefined;
}

const GRACE_MS = 10_000;
const PERMISSIONS = /(?:^|\s)--(?:experimental-)?permission(?:\s|$)/;

const OPTIONS = {
  for: { type: "string" },
  grace: { type: "string" },
  every: { type: "string" },
  json: { type: "string" },
  record: { type: "string" },
  port: { type: "string" },
  "no-port": { type: "boolean" },
} as const;

/**
 * @param folder - where the command starts
 * @throws UsageError that says what was given and what to do
 */
export function runOptionsOf(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  folder: string = startFolder(),
): RunOptions {
  const { own, command } = splitAtCommand(words);
  const { values } = strictly("run", () => parseArgs({ args: own, options: OPTIONS, allowPositionals: false }));
  const [file, ...args] = command;
  if (file === undefined || file === "") {
    throw new UsageError("give the command to run: pinchpoint run -- node app.js");
  }
  if (values.port !== undefined && values["no-port"] === true) {
    throw new UsageError("--port and --no-port exclude each other; give one of them.");
  }
  portOf(environment[ENVIRONMENT.port], ENVIRONMENT.port);
  const settings = settingsOf(environment, folder);
  const problem =
    settings.file.problem ?? routesOf(settings.routesText).problem ?? includedBy(settings.includeText).problem;
  if (problem !== null) throw new UsageError(problem);
  const named = values.port === undefined ? undefined : portOf(values.port, "--port");
  return {
    command: file,
    args,
    limitMs: values.for === undefined ? null : durationMsOf(values.for, "--for"),
    graceMs: values.grace === undefined ? GRACE_MS : durationMsOf(values.grace, "--grace"),
    everyMs: values.every === undefined ? null : durationMsOf(values.every, "--every"),
    jsonFile: fileOf(values.json, "--json"),
    recordFile: fileOf(values.record, "--record"),
    disabledBy: settings.disabledBy,
    hasPermissions: PERMISSIONS.test([environment.NODE_OPTIONS ?? "", ...command].join(" ")),
    port: values["no-port"] === true ? null : named,
  };
}

/** The command begins after `--`, or where that is missing at the first word that is neither an option nor its value. */
function splitAtCommand(words: readonly string[]): { own: string[]; command: string[] } {
  const { tokens } = parseArgs({
    args: [...words],
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const start = tokens.find(({ kind }) => kind === "positional" || kind === "option-terminator");
  if (start === undefined) return { own: [...words], command: [] };
  return {
    own: words.slice(0, start.index),
    command: words.slice(start.kind === "positional" ? start.index : start.index + 1),
  };
}

function fileOf(value: string | undefined, name: string): string | null {
  if (value === "") throw new UsageError(`${name} must be the name of a file, got nothing.`);
  return value ?? null;
}
