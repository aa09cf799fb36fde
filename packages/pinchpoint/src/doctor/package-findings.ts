import { type Finding, note, ok, problem } from "./finding.ts";
import type { InstalledPackage } from "./installed-packages.ts";

const API = "@opentelemetry/api";
const TRACERS = new Set(["dd-trace", "@opentelemetry/auto-instrumentations-node", "newrelic", "elastic-apm-node"]);

/** Whether the doctor has something to say about a package. */
export function isOfInterest(name: string): boolean {
  const isOurs = name === "pinchpoint" || name.startsWith("@pinchpoint/");
  return isOurs || name === API || name.startsWith("@opentelemetry/sdk-") || TRACERS.has(name);
}

/**
 * Packages that must be there once, or that must fit together.
 *
 * @param folder - where applications start
 */
export function packageFindings(packages: readonly InstalledPackage[], folder: string): Finding[] {
  const findings: Finding[] = [];
  const ours = copiesOf("pinchpoint", packages);
  if (ours.length === 0) {
    findings.push(
      note(
        "packages",
        `pinchpoint is not installed in ${folder}: "npx pinchpoint run" works, "--import pinchpoint/register" does not`,
        "npm install pinchpoint",
      ),
    );
  } else findings.push(ok("packages", `pinchpoint ${[...new Set(ours.map(({ version }) => version))].join(" and ")}`));
  const names = [...new Set(packages.map(({ name }) => name))].sort();
  for (const name of names.filter((one) => one === "pinchpoint" || one.startsWith("@pinchpoint/"))) {
    const copies = copiesOf(name, packages);
    if (copies.length < 2) continue;
    const told = `${name} is installed ${copies.length} times: ${placesOf(copies)}`;
    findings.push(
      problem("packages", `${told}; what one copy declares the other does not record`, `npm dedupe ${name}`),
    );
  }
  findings.push(...apiFindings(copiesOf(API, packages)), ...sdkFindings(packages));
  for (const { name, version } of packages.filter((one) => TRACERS.has(one.name))) {
    findings.push(note("packages", `${name} ${version} is there too: it patches libraries of its own accord`, null));
  }
  return findings;
}

/** Copies of the API meet in one global, which the first takes; one that is newer than that gets none of it. */
function apiFindings(copies: readonly InstalledPackage[]): Finding[] {
  const versions = new Set(copies.map(({ version }) => version));
  if (versions.size < 2) return [];
  return [
    problem(
      "packages",
      `${API} is installed in ${versions.size} versions: ${placesOf(copies)}; telemetry of the one that is loaded later may go nowhere`,
      `npm dedupe ${API}, or one version for all by "overrides" in package.json`,
    ),
  ];
}

function sdkFindings(packages: readonly InstalledPackage[]): Finding[] {
  // The 0.x packages go by numbers of their own.
  const sdks = packages.filter(
    ({ name, version }) => name.startsWith("@opentelemetry/sdk-") && !version.startsWith("0."),
  );
  const majors = new Set(sdks.map(({ version }) => version.split(".")[0]));
  if (majors.size < 2) return [];
  return [
    note(
      "packages",
      `the OpenTelemetry SDK is installed in ${majors.size} major versions: ${placesOf(sdks)}; their parts do not fit together`,
      "npm ls @opentelemetry/sdk-metrics @opentelemetry/sdk-trace-base, and update the older",
    ),
  ];
}

function copiesOf(name: string, packages: readonly InstalledPackage[]): InstalledPackage[] {
  return packages.filter((one) => one.name === name);
}

function placesOf(copies: readonly InstalledPackage[]): string {
  return copies.map(({ version, folder }) => `${version} in ${folder}`).join(", ");
}
