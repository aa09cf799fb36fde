// npm test [-- FILTER]: everything that must hold, in one command, whose last line has the numbers.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPackages } from "./build.ts";
import { type Check, staticChecks } from "./checks.ts";
import { type CommandResult, runCommand } from "./run-command.ts";
import { emptyTally, summaryOf, sumOf, type Tally } from "./tally.ts";

const onePassed: Tally = { ...emptyTally, passed: 1 };
const oneFailed: Tally = { ...emptyTally, failed: 1 };

const isChecksOnly = process.argv.includes("--checks-only");
const filters = process.argv.slice(2).filter((word) => word !== "--checks-only");

const tally = await runEverything();
console.log(summaryOf(tally));
process.exitCode = tally.failed > 0 ? 1 : 0;

async function runEverything(): Promise<Tally> {
  const checks = filters.length === 0 ? staticChecks() : [];
  const built = report("build", await buildPackages());
  if (built.failed > 0) {
    const names = [...checks.map((check) => check.name), ...(isChecksOnly ? [] : ["all tests"])];
    return { ...built, skips: names.map((name) => ({ name, reason: "the build failed" })) };
  }
  if (filters.length > 0) console.log(`Only tests that match ${filters.join(" ")}; the static checks are left out.`);
  const tallies = [built, await runChecks(checks)];
  if (!isChecksOnly) tallies.push(await runTests());
  return sumOf(tallies);
}

/** Two at a time, for two cores. */
async function runChecks(checks: readonly Check[]): Promise<Tally> {
  const waiting = [...checks];
  const tallies: Tally[] = [];
  const work = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      tallies.push(report(check.name, await runCommand(check.command, check.parameters)));
    }
  };
  await Promise.all([work(), work()]);
  return sumOf(tallies);
}

async function runTests(): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), "pinchpoint-test-"));
  const tallyFile = join(folder, "tally.json");
  try {
    const isShown = filters.length > 0;
    const result = await runCommand(
      "vitest",
      ["run", `--reporter=${isShown ? "default" : "dot"}`, "--reporter=./scripts/vitest-report.ts", ...filters],
      { env: { PINCHPOINT_TEST_TALLY: tallyFile }, limitMs: 900_000, isShown },
    );
    if (!isShown) report("tests", result);
    const tests: Tally = existsSync(tallyFile) ? JSON.parse(readFileSync(tallyFile, "utf8")) : oneFailed;
    // Also a run that found no test, or that broke outside of every test, has failed.
    return result.hasPassed || tests.failed > 0 ? tests : sumOf([tests, oneFailed]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(name: string, { hasPassed, output, tookMs }: CommandResult): Tally {
  console.log(`${hasPassed ? "ok    " : "FAILED"} ${name.padEnd(40)} ${(tookMs / 1000).toFixed(1).padStart(6)} s`);
  if (!hasPassed) console.log(output.trim().replaceAll(/^/gm, "       "));
  return hasPassed ? onePassed : oneFailed;
}
