// npm test [-- FILTER]: everything that must hold, in one command, whose last line has the numbers.
import { buildPackages } from "./build.ts";
import { type Check, staticChecks } from "./checks.ts";
import { type CommandResult, runCommand } from "./run-command.ts";
import { emptyTally, keepTally, summaryOf, sumOf, type Tally } from "./tally.ts";
import { runVitest } from "./vitest-run.ts";

const onePassed: Tally = { ...emptyTally, passed: 1 };
const oneFailed: Tally = { ...emptyTally, failed: 1 };

const isChecksOnly = process.argv.includes("--checks-only");
const filters = process.argv.slice(2).filter((word) => word !== "--checks-only");

const tally = await runEverything();
keepTally(tally);
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
  const isShown = filters.length > 0;
  const { result, tally: tests } = await runVitest({ words: filters, isShown, limitMs: 900_000 });
  if (!isShown) report("tests", result);
  return tests;
}

function report(name: string, { hasPassed, output, tookMs }: CommandResult): Tally {
  console.log(`${hasPassed ? "ok    " : "FAILED"} ${name.padEnd(40)} ${(tookMs / 1000).toFixed(1).padStart(6)} s`);
  if (!hasPassed) console.log(output.trim().replaceAll(/^/gm, "       "));
  return hasPassed ? onePassed : oneFailed;
}
