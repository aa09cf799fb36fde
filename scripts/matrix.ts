// npm run matrix [-- GROUP] [--runs N] [--json FILE] [--without SIGNAL]: does the verdict name each pinch of the example?
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { applicationCommand, newFlightRun, pinchpointCommand, start } from "./flight-run.ts";
import { repositoryRoot } from "./run-command.ts";
import { signalNames, withoutSignal } from "./signal-ablation.ts";

const RUN_FOR = "20s";
const RIGHT_SHARE = 0.9;

interface Answer {
  readonly kind: string;
  readonly entity: { readonly kind: string; readonly name: string } | null;
  readonly stage: string | null;
}

interface Row {
  readonly pinch: string;
  runs: number;
  right: number;
  readonly expected: Answer;
  readonly got: Answer[];
}

const truthFile = join(repositoryRoot, "examples/flight-features/truth/truth.json");

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`npm run matrix: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}

async function main(): Promise<number> {
  const { runs, json, groups, without } = optionsOf(process.argv.slice(2));
  const rows = expectedRows(groups);
  for (const [place, row] of shuffled(rows.flatMap((row) => Array<Row>(runs).fill(row))).entries()) {
    const got = await judged(row.pinch, without);
    row.runs += 1;
    row.got.push(got);
    const isRight = same(got, row.expected);
    if (isRight) row.right += 1;
    console.log(
      `${place + 1}/${runs * rows.length}  ${row.pinch.padEnd(8)} ${isRight ? "right" : "WRONG"}  ${inWords(got)}`,
    );
  }
  console.log(`\n| pinch | expected | right |\n|---|---|---|`);
  for (const { pinch, expected, right, runs: done } of rows) {
    console.log(`| ${pinch} | ${inWords(expected)} | ${right} of ${done} |`);
  }
  if (json !== null) writeFileSync(json, `${JSON.stringify({ rows }, null, 2)}\n`);
  return rows.every((row) => row.right >= row.runs * RIGHT_SHARE) ? 0 : 1;
}

function optionsOf(words: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { runs: { type: "string" }, json: { type: "string" }, without: { type: "string" } },
  });
  const runs = Number(values.runs ?? "10");
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`--runs must be a whole number above 0, got "${values.runs}"`);
  if (values.without !== undefined && !signalNames.includes(values.without)) {
    throw new Error(`there is no signal "${values.without}"; the signals are ${signalNames.join(", ")}`);
  }
  const json = values.json === undefined ? null : resolve(process.env.INIT_CWD ?? ".", values.json);
  return { runs, json, groups: positionals, without: values.without ?? null };
}

/** A group is a pinch, or all of them. */
function expectedRows(groups: readonly string[]): Row[] {
  const truth: { pinches: Record<string, { expected: Answer }> } = JSON.parse(readFileSync(truthFile, "utf8"));
  const known = Object.keys(truth.pinches);
  const unknown = groups.find((group) => !known.includes(group));
  if (unknown !== undefined) throw new Error(`there is no group "${unknown}"; the groups are ${known.join(", ")}`);
  return Object.entries(truth.pinches)
    .filter(([pinch]) => groups.length === 0 || groups.includes(pinch))
    .map(([pinch, { expected }]) => ({ pinch, runs: 0, right: 0, expected, got: [] }));
}

/** One run of the example, whose verdict is read as people get it: from --json, or from the recording less a signal. */
async function judged(pinch: string, without: string | null): Promise<Answer> {
  const run = newFlightRun(pinch);
  try {
    const [verdict, recording] = [run.path("verdict.json"), run.path("recording.jsonl")];
    const options = ["--for", RUN_FOR, "--port", "off", "--json", verdict, "--record", recording];
    const command = pinchpointCommand(options, applicationCommand(run, ["--quiet"]));
    const { exitCode, errorOutput } = await start(run, command, false);
    if (exitCode !== 0) throw new Error(`the example ended with ${exitCode}\n${errorOutput}`);
    return answerOf(
      without === null
        ? JSON.parse(readFileSync(verdict, "utf8"))
        : await withoutSignal(readFileSync(recording, "utf8"), without),
    );
  } finally {
    run.remove();
  }
}

function answerOf({ kind, entity, stage }: Answer): Answer {
  return { kind, entity: entity === null ? null : { kind: entity.kind, name: entity.name }, stage };
}

function same(a: Answer, b: Answer): boolean {
  return JSON.stringify(answerOf(a)) === JSON.stringify(answerOf(b));
}

function inWords({ kind, entity, stage }: Answer): string {
  return `${kind} ${entity === null ? "-" : `${entity.kind}/${entity.name}`} stage ${stage ?? "-"}`;
}

/** Fisher and Yates: no pinch has a time of day of its own. */
function shuffled<T>(values: readonly T[]): T[] {
  const order = [...values];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}
