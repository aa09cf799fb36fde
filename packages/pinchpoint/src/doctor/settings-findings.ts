import { settingsOf } from "../config.ts";
import { CONFIG_FILE } from "../config-file.ts";
import { ENVIRONMENT } from "../environment.ts";
import { routesOf } from "../http-routes.ts";
import { includedBy } from "../include.ts";
import { INTEGRATIONS } from "../integration-names.ts";
import { pageOf } from "../page-setting.ts";
import { DEFAULT_PORT, portOf } from "../port.ts";
import { timedOf } from "../timed-setting.ts";
import { tracesOf } from "../traces-setting.ts";
import { type Finding, note, ok, problem } from "./finding.ts";

export interface SettingsFacts {
  readonly environment: NodeJS.ProcessEnv;
  /** Where applications start. */
  readonly folder: string;
  /** Whether a port of 127.0.0.1 can be had; null where the system does not let anyone listen. */
  readonly isFree: (port: number) => Promise<boolean | null>;
}

/** Each setting as it counts here, and where it comes from. */
export async function settingsFindings({ environment, folder, isFree }: SettingsFacts): Promise<Finding[]> {
  const settings = settingsOf(environment, folder);
  const { file, disabledBy, portText, routesText, tracesText, timedText, includeText, pageText, buckets } = settings;
  const findings: Finding[] = [];
  if (file.problem !== null) findings.push(problem("settings", file.problem, `correct ${file.path}, or remove it`));
  else findings.push(ok("settings", file.path ?? `no ${CONFIG_FILE} in ${folder}`));
  if (disabledBy !== null) {
    findings.push(problem("recording", `${disabledBy}: nothing is recorded`, "take that away"));
  }
  const whence = (variable: string, isInFile: boolean) =>
    environment[variable] ? `by ${variable}` : isInFile ? `by ${CONFIG_FILE}` : "by default";
  const portBy = whence(ENVIRONMENT.port, file.settings.port !== undefined);
  findings.push(await portFinding(portText, portBy, isFree));
  const { renderer, problem: pageProblem } = pageOf(pageText);
  if (pageProblem !== null) findings.push(problem("page", pageProblem, "correct it, or remove it"));
  else if (renderer !== "own") {
    const pageBy = whence(ENVIRONMENT.page, file.settings.page !== undefined);
    findings.push(ok("page", `rendered by exporter-prometheus, with its names, ${pageBy}`));
  }
  if (buckets !== undefined)
    findings.push(ok("buckets", `set for ${Object.keys(buckets).join(", ")}, ${whence("", true)}`));
  const { routes, problem: routeProblem } = routesOf(routesText);
  if (routeProblem !== null) findings.push(problem("HTTP routes", routeProblem, "correct it, or remove it"));
  else {
    const told = routes.length === 0 ? "calls go by their host" : `${routesText} have names of their own`;
    findings.push(
      ok("HTTP routes", `${told}, ${whence(ENVIRONMENT.httpRoutes, file.settings.httpRoutes !== undefined)}`),
    );
  }
  const { perSecond, problem: tracesProblem } = tracesOf(tracesText);
  if (tracesProblem !== null) findings.push(problem("traces", tracesProblem, "correct it, or remove it"));
  else {
    const told =
      perSecond === 0 ? "are off" : `a stage begins at most ${perSecond} in a second, where an SDK keeps them`;
    findings.push(ok("traces", `${told}, ${whence(ENVIRONMENT.traces, file.settings.traces !== undefined)}`));
  }
  const timed = timedOf(timedText);
  if (timed.problem !== null) findings.push(problem("timed", timed.problem, "correct it, or remove it"));
  else {
    const timedBy = whence(ENVIRONMENT.timed, file.settings.timed !== undefined);
    findings.push(ok("timed", `${timedInWords(timed.perSecond)}, ${timedBy}`));
  }
  const includeBy = whence(ENVIRONMENT.include, file.settings.include !== undefined);
  return [...findings, includeFinding(includeText, includeBy)];
}

function timedInWords(perSecond: number): string {
  if (perSecond === 0) return "no unit is: they are counted only, so that there is no verdict";
  if (perSecond === Number.POSITIVE_INFINITY) return "every unit is";
  return `every unit is, of stages with up to ${perSecond} in a second`;
}

function includeFinding(text: string | undefined, whence: string): Finding {
  const { names, problem: includeProblem } = includedBy(text);
  if (includeProblem !== null) return problem("include", includeProblem, "correct it, or remove it");
  const left = INTEGRATIONS.filter((name) => !names.has(name));
  if (left.length === 0) return ok("include", `${INTEGRATIONS.join(", ")}, ${whence}`);
  return note("include", `${left.join(", ")} left out, ${whence}: nothing of that is found by itself`, null);
}

async function portFinding(
  text: string | undefined,
  whence: string,
  isFree: SettingsFacts["isFree"],
): Promise<Finding> {
  let port: number | null;
  try {
    port = portOf(text, ENVIRONMENT.port);
  } catch (error) {
    return problem("/metrics", (error as Error).message, `give a port, such as ${DEFAULT_PORT}, or off`);
  }
  if (port === null) return note("/metrics", `is off ${whence}`, null);
  const free = await isFree(port);
  const address = `127.0.0.1:${port}, ${whence}`;
  if (free === true) return ok("/metrics", `on ${address}`);
  const remedy = `choose another: ${ENVIRONMENT.port}=N, or off`;
  return free === null
    ? problem("/metrics", `the system does not let anyone listen on ${address}`, remedy)
    : problem("/metrics", `somebody else listens on ${address}`, remedy);
}
