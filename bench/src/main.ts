// npm run bench -- record|threads|pipeline|startup|scrape|memory|all [--json FILE]
// npm run bench -- overhead [--under run] [--json FILE] [--most PAIRS]
// npm run bench -- join [--json FILE]
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { type CaseResult, isPassed } from "./case-result.ts";
import { type Command, commandOf } from "./command.ts";
import { experimentRun } from "./experiment-run.ts";
import { groups } from "./groups.ts";
import { measureJoin, type RequestCost } from "./join.ts";
import { measureOverhead, TARGET_POINTS, WANTED_WIDTH_POINTS } from "./overhead.ts";
import { overheadCase } from "./overhead-case.ts";
import { installPeers, peerVersions } from "./peer-installation.ts";
import { measuredBy } from "./program-process.ts";
import { type BenchmarkFile, machineOfThis, versionsBeside } from "./result-file.ts";
import { terminalTable } from "./result-table.ts";
import { measuredSpinsPerMicrosecond } from "./spin.ts";

/** What a group found. */
interface Found {
  readonly cases: readonly CaseResult[];
  /** What else goes to the file. */
  readonly details?: object;
}

/** Not part of `all`: it tells what a stream costs in a server, and promises nothing. */
const BESIDE = "join";
const names = [...Object.keys(groups), "overhead"];

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`npm run bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}

async function main(): Promise<number> {
  const command = commandOf(process.argv.slice(2), [...names, BESIDE], names);
  const cases: CaseResult[] = [];
  let details: object = {};
  for (const name of command.groups) {
    const found = await measured(name, command);
    cases.push(...found.cases);
    details = { ...details, ...found.details };
  }
  if (command.jsonFile !== undefined) {
    const file: BenchmarkFile = { machine: machineOfThis(), versions: versionsBeside(peerVersions()), cases };
    const path = resolve(process.env.INIT_CWD ?? ".", command.jsonFile);
    writeFileSync(path, `${JSON.stringify({ ...file, ...details }, null, 2)}\n`);
  }
  return isPassed(cases) ? 0 : 1;
}

function measured(name: string, command: Command): Promise<Found> {
  if (name === "overhead") return overhead(command);
  return name === BESIDE ? join() : grouped(name);
}

async function grouped(group: string): Promise<Found> {
  await installPeers();
  const spinsPerMicrosecond = measuredSpinsPerMicrosecond();
  const cases: CaseResult[] = [];
  console.log(`\n${group}`);
  for (const [file, experiments] of Object.entries(groups[group] ?? {})) {
    for (const experiment of experiments) {
      const found = await experimentRun(group, experiment, ({ name }, program) =>
        measuredBy({ file, experiment: name, program }, spinsPerMicrosecond),
      );
      console.log(terminalTable(found));
      cases.push(...found);
    }
  }
  return { cases };
}

async function overhead({ way, mostPairs }: Command): Promise<Found> {
  console.log("\noverhead");
  const overhead = await measureOverhead(way, mostPairs, ({ pairs, typicalPoints, lowPoints, highPoints }) => {
    const points = [typicalPoints, lowPoints, highPoints].map((value) => value.toFixed(2));
    console.log(`${pairs} pairs: ${points[0]} % lost, 95 % interval ${points[1]} to ${points[2]}`);
  });
  const isNarrow = overhead.highPoints - overhead.lowPoints < WANTED_WIDTH_POINTS;
  const isMet = isNarrow && overhead.highPoints <= TARGET_POINTS && overhead.isEveryItemCounted;
  const rate = Math.round(overhead.bareRowsPerSecond).toLocaleString("en-US");
  console.log(`bare ${rate} flights/s; every item counted: ${overhead.isEveryItemCounted}; target met: ${isMet}`);
  const cases = [overheadCase(overhead, isMet)];
  console.log(terminalTable(cases));
  return { cases, details: { way, overhead: { ...overhead, targetPoints: TARGET_POINTS, isMet } } };
}

async function join(): Promise<Found> {
  const join = await measureJoin();
  const tell = (what: string, { bareMicroseconds, recordedMicroseconds, added }: RequestCost) =>
    console.log(
      `${what}: ${Math.round(bareMicroseconds)} -> ${Math.round(recordedMicroseconds)} µs of CPU a request, ` +
        `${added.typical.toFixed(0)} µs more (95 % interval ${added.low.toFixed(0)} to ${added.high.toFixed(0)})`,
    );
  tell("whole", join.whole);
  tell("piped", join.piped);
  const { typical, low, high } = join.joinMicroseconds;
  console.log(`a join: ${typical.toFixed(1)} µs (95 % interval ${low.toFixed(1)} to ${high.toFixed(1)})`);
  return { cases: [], details: { join } };
}
