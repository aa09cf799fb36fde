// npm run matrix [-- GROUP] [--runs N] [--entry preload|explicit|both] [--json FILE] [--follow] [--without SIGNAL]: does the verdict name each pinch of
// the example, and does its advice bring what it says?
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { pinchSettings } from "../examples/flight-features/src/pinch.ts";
import { type Answer, answerInWords, truthInWords } from "./answer.ts";
import { type Entry, entries } from "./flight-run.ts";
import { follow, meanGain, NOTHING, type Tried, triedInWords } from "./follow.ts";
import { type Judged, judgedRun } from "./judged-run.ts";
import { repositoryRoot } from "./run-command.ts";
import { shuffled } from "./shuffled.ts";
import { signalNames, withoutSignal } from "./signal-ablation.ts";

const RUN_FOR = "20s";
const RIGHT_SHARE = 0.9;
const TRUE_SHARE = 0.8;

interface Row {
  readonly pinch: string;
  readonly entry: Entry;
  runs: number;
  right: number;
  readonly expected: Answer;
  /** Stages whose doubling brings within 20 % of the best gain. */
  readonly limiting: readonly string[];
  readonly got: Answer[];
  /** What became of the first advice of each run, and of what was said to bring nothing; with --follow only. */
  readonly followed: Tried[];
  readonly idle: Tried[];
}

const truthFile = join(repositoryRoot, "examples/flight-features/truth/truth.json");

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`npm run matrix: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}

async function main(): Promise<number> {
  const { runs, json, groups, entries: ways, without, follows } = optionsOf(process.argv.slice(2));
  const rows = ways.flatMap((entry) => expectedRows(groups, entry));
  // Shuffled round by round: whenever it is stopped, each pinch has had as many runs as the others.
  const rounds = Array.from({ length: runs }, () => shuffled(rows));
  for (const [place, row] of rounds.flat().entries()) {
    const verdict = await judged(row, without);
    const got = answerOf(verdict);
    row.runs += 1;
    row.got.push(got);
    const isRight = row.limiting.length > 1 ? isOneOf(row.limiting, verdict) : same(got, row.expected);
    if (isRight) row.right += 1;
    console.log(
      `${place + 1}/${runs * rows.length}  ${row.pinch.padEnd(18)} ${row.entry.padEnd(8)} ${isRight ? "right" : "WRONG"}  ${answerInWords(got)}`,
    );
    if (follows) await followAdvice(row, verdict);
    if (json !== null) writeFileSync(json, `${JSON.stringify({ rows }, null, 2)}\n`);
  }
  const more = follows ? [" advice came true |", "---|"] : ["", ""];
  console.log(`\n| pinch | stages | expected | right |${more[0]}\n|---|---|---|---|${more[1]}`);
  for (const { pinch, entry, expected, limiting, right, runs: done, followed } of rows) {
    const cameTrue = follows ? ` ${countRight(followed)} of ${done} |` : "";
    console.log(`| ${pinch} | ${entry} | ${truthInWords(expected, limiting)} | ${right} of ${done} |${cameTrue}`);
  }
  return rows.every((row) => hasPassed(row, follows)) ? 0 : 1;
}

function hasPassed({ runs, right, followed, idle }: Row, follows: boolean): boolean {
  if (right < runs * RIGHT_SHARE) return false;
  return !follows || (countRight(followed) >= runs * TRUE_SHARE && meanGain(idle) < NOTHING);
}

function countRight(tried: readonly Tried[]): number {
  return tried.filter(({ isRight }) => isRight).length;
}

async function followAdvice(row: Row, verdict: Judged): Promise<void> {
  const { first, idle } = await follow(row.pinch, row.entry, verdict, RUN_FOR);
  console.log(`      ${first === null ? "no advice that can be followed" : triedInWords(first)}`);
  for (const one of idle) console.log(`      said to bring nothing: ${triedInWords(one)}`);
  if (first !== null) row.followed.push(first);
  row.idle.push(...idle);
}

function optionsOf(words: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      runs: { type: "string" },
      entry: { type: "string", default: "preload" },
      json: { type: "string" },
      without: { type: "string" },
      follow: { type: "boolean", default: false },
    },
  });
  const runs = Number(values.runs ?? "10");
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`--runs must be a whole number above 0, got "${values.runs}"`);
  if (values.without !== undefined && !signalNames.includes(values.without)) {
    throw new Error(`there is no signal "${values.without}"; the signals are ${signalNames.join(", ")}`);
  }
  const chosen = values.entry === "both" ? entries : entries.filter((entry) => entry === values.entry);
  if (chosen.length === 0) throw new Error(`--entry must be one of ${entries.join(", ")}, both; got "${values.entry}"`);
  const json = values.json === undefined ? null : resolve(process.env.INIT_CWD ?? ".", values.json);
  return { runs, json, groups: positionals, entries: chosen, without: values.without ?? null, follows: values.follow };
}

/** A group is a pinch, or all of them. */
function expectedRows(groups: readonly string[], entry: Entry): Row[] {
  const truth: { pinches: Record<string, { expected: Answer; how: { limiting: string[] } }> } = JSON.parse(
    readFileSync(truthFile, "utf8"),
  );
  const known = Object.keys(truth.pinches);
  const unknown = groups.find((group) => !known.includes(group));
  if (unknown !== undefined) throw new Error(`there is no group "${unknown}"; the groups are ${known.join(", ")}`);
  return Object.entries(truth.pinches)
    .filter(([pinch]) => groups.length === 0 || groups.includes(pinch))
    .map(([pinch, { expected, how }]) => ({
      pinch,
      entry,
      expected,
      limiting: how.limiting,
      runs: 0,
      right: 0,
      got: [],
      followed: [],
      idle: [],
    }));
}

/** One run of the example, whose verdict is read as people get it: from --json, or from the recording less a signal. */
function judged({ pinch, entry }: Row, without: string | null): Promise<Judged> {
  return judgedRun({ settings: pinchSettings(pinch), entry, runFor: RUN_FOR }, async (verdict, run) =>
    without === null ? verdict : withoutSignal(readFileSync(run.path("recording.jsonl"), "utf8"), without),
  );
}

function answerOf({ kind, entity, stage }: Answer): Answer {
  return { kind, entity: entity === null ? null : { kind: entity.kind, name: entity.name }, stage };
}

/** Where stages are level, it names one of them, or two of which one is. */
function isOneOf(limiting: readonly string[], { kind, stage, tied }: Judged): boolean {
  const named = kind === "balanced" ? tied.map((one) => one.stage) : kind === "bottleneck" ? [stage] : [];
  return named.some((one) => one !== null && limiting.includes(one));
}

/** The expected name may end in `*`: a server's port is another one each time. */
function same(got: Answer, expected: Answer): boolean {
  const name = expected.entity?.name ?? "";
  if (expected.entity === null) return got.kind === expected.kind;
  const isName = name.endsWith("*") && got.entity?.name.startsWith(name.slice(0, -1));
  const entity = isName && got.entity !== null ? { ...got.entity, name } : got.entity;
  return JSON.stringify(answerOf({ ...got, entity })) === JSON.stringify(answerOf(expected));
}
