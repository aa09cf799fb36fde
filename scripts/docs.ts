// npm run docs [-- --check]: every figure in the documentation is written from a committed result, or the check fails.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RequestCost } from "../bench/src/join.ts";
import type { PseudoMedian } from "../bench/src/pseudo-median.ts";
import type { BenchmarkFile } from "../bench/src/result-file.ts";
import { pageTables } from "../bench/src/result-table.ts";
import { isNear, NEAR } from "./advice.ts";
import { type Answer, truthInWords } from "./answer.ts";
import type { Entry } from "./flight-run.ts";
import { meanGain, NOTHING, type Tried } from "./follow.ts";
import { repositoryRoot } from "./run-command.ts";
import { type StrangersResult, strangersTable } from "./strangers/table.ts";

type Followed = Pick<Tried, "change" | "before" | "predicted" | "measured" | "isRight"> &
  Partial<Pick<Tried, "isLeast">>;

interface MatrixResult {
  readonly rows: readonly {
    readonly pinch: string;
    /** Absent: preload. */
    readonly entry?: Entry;
    readonly runs: number;
    readonly right: number;
    readonly expected: Answer;
    readonly limiting: readonly string[];
    readonly followed: readonly Followed[];
    readonly idle: readonly Followed[];
  }[];
}

interface OverheadResult {
  readonly way: string;
  readonly machine: { readonly cores: number; readonly node: string };
  readonly overhead: {
    readonly isMet: boolean;
    readonly targetPoints: number;
    readonly isEveryItemCounted: boolean;
    readonly pairs: number;
    readonly rows: number;
    readonly typicalPoints: number;
    readonly lowPoints: number;
    readonly highPoints: number;
  };
}

interface JoinResult {
  readonly machine: { readonly cores: number; readonly node: string };
  readonly join: {
    readonly pairs: number;
    readonly requests: number;
    readonly whole: RequestCost;
    readonly piped: RequestCost;
    readonly joinMicroseconds: PseudoMedian;
  };
}

const results = join(repositoryRoot, "docs/results");

/** What stands between `<!-- generated: NAME -->` and `<!-- end -->` in each page. */
const regions: Record<string, () => string> = {
  "npm start": () => `\`\`\`\n${read("npm-start.txt").trimEnd()}\n\`\`\``,
  matrix: () => followedTable("matrix.json"),
  "outside of stages": () => followedTable("outside-of-stages.json"),
  entries: () => {
    const { rows } = JSON.parse(read("entries.json")) as MatrixResult;
    const pinches = [...new Set(rows.map(({ pinch }) => pinch))];
    const right = (pinch: string, wanted: Entry) => {
      const row = rows.find(({ pinch: own, entry = "preload" }) => own === pinch && entry === wanted);
      return row === undefined ? "not run" : `${row.right} of ${row.runs}`;
    };
    return [
      "| `--pinch` | The truth | Found by itself | Declared by hand |",
      "|---|---|---|---|",
      ...pinches.map((pinch) => {
        const { expected, limiting } = rows.find((row) => row.pinch === pinch) as MatrixResult["rows"][number];
        const truth = truthInWords(expected, limiting);
        return `| \`${pinch}\` | ${truth} | ${right(pinch, "preload")} | ${right(pinch, "explicit")} |`;
      }),
    ].join("\n");
  },
  overhead: () => {
    const { machine, way, overhead } = JSON.parse(read("overhead.json")) as OverheadResult;
    const [mean, low, high] = [overhead.typicalPoints, overhead.lowPoints, overhead.highPoints].map((n) =>
      n.toFixed(1),
    );
    const rows = overhead.rows.toLocaleString("en-US");
    return (
      `${way === "run" ? "Under `pinchpoint run`" : "Under the preload"} the flight example loses ${mean} % of its throughput (95 % interval ${low} to ${high} %), ` +
      `start and end included: ${overhead.pairs} pairs of runs of ${rows} flights, in memory, the two runs of a pair in ` +
      `turns of most of a second; ${machine.cores} cores, Node ${machine.node}.` +
      promiseOf(overhead)
    );
  },
  join: () => {
    const { machine, join } = JSON.parse(read("join.json")) as JoinResult;
    const { typical, low, high } = join.joinMicroseconds;
    const cost = ({ bareMicroseconds, recordedMicroseconds }: RequestCost) =>
      `${Math.round(bareMicroseconds)} to ${Math.round(recordedMicroseconds)} µs`;
    return (
      `A join, with the one chunk that goes through it, costs ${Math.round(typical)} µs of CPU (95 % interval ` +
      `${Math.round(low)} to ${Math.round(high)} µs), in a server that reads a file for each request, pipes it through a ` +
      `transform, and that to the response. Such a request goes from ${cost(join.piped)} of the main thread, and one ` +
      `without streams from ${cost(join.whole)} (${join.pairs} pairs of turns of ` +
      `${join.requests.toLocaleString("en-US")} requests; ${machine.cores} cores, Node ${machine.node}).`
    );
  },
  benchmarks: () => {
    const { machine, versions, cases } = JSON.parse(read("benchmarks.json")) as BenchmarkFile;
    const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
    return [
      `Measured on ${machine.cores} cores (${machine.processor}, ${machine.platform} ${machine.arch}), Node ${machine.node}, with ${peers.join(", ")}.`,
      "",
      pageTables(cases),
    ].join("\n");
  },
  strangers: () => strangersTable(JSON.parse(read("strangers.json")) as StrangersResult),
};

function promiseOf({ isMet, highPoints, targetPoints, isEveryItemCounted }: OverheadResult["overhead"]): string {
  if (isMet) return "";
  return highPoints <= targetPoints && isEveryItemCounted
    ? " The interval is wider than we ask of it, so that this does not count as within the 3 % that we promise."
    : " That is not shown to be within the 3 % that we promise.";
}

const pages = [
  "README.md",
  "docs/ARCHITECTURE.md",
  "docs/benchmarks.md",
  "docs/strangers.md",
  "packages/streams/README.md",
];
const isCheck = process.argv.includes("--check");
const stale = pages.filter((page) => !isUpToDate(page));
if (isCheck && stale.length > 0) {
  console.error(`${stale.join(", ")}: figures differ from docs/results; run \`npm run docs\` and commit`);
  process.exitCode = 1;
}

/** What limits by the verdict, and what became of its first advice. */
function followedTable(result: string): string {
  const { rows } = JSON.parse(read(result)) as MatrixResult;
  const followed = rows.flatMap((row) => row.followed);
  const idle = rows.flatMap((row) => row.idle);
  const lines = rows.map(
    (row) =>
      `| ${pinchOf(row)} | ${truthInWords(row.expected, row.limiting)} | ${row.right} of ${row.runs} | ${cameTrue(row.followed)} |`,
  );
  const above = followed.some(({ isLeast }) => isLeast) ? ", or above where that was the least" : "";
  const ofAll = `Of all advice that was followed, ${nearIn(followed)} came within ${percent(NEAR)} of its prediction${above}, however wide the interval.`;
  const ofIdle = `Changes that were said to bring nothing brought ${(100 * meanGain(idle)).toFixed(1)} % on average, and ${rightIn(idle)} less than ${percent(NOTHING)}.`;
  return [
    "| What is made slower (`--pinch`) | The truth, by doubling each candidate | Verdict right | Its first advice came true |",
    "|---|---|---|---|",
    ...lines,
    "",
    idle.length === 0 ? ofAll : `${ofAll} ${ofIdle}`,
  ].join("\n");
}

function nearIn(followed: readonly Followed[]): string {
  const near = followed.filter(({ predicted, measured, isLeast = false }) => isNear(predicted, measured, isLeast));
  return `${near.length} of ${followed.length}`;
}

function rightIn(tried: readonly Followed[]): string {
  return `${tried.filter(({ isRight }) => isRight).length} of ${tried.length}`;
}

/** The preload is the rule; where the application declares its stages, the row says so. */
function pinchOf({ pinch, entry }: { readonly pinch: string; readonly entry?: Entry }): string {
  return entry === "explicit" ? `\`${pinch}\`, stages declared` : `\`${pinch}\``;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** The changes that were advised first, and how often they brought what was said. */
function cameTrue(followed: readonly Followed[]): string {
  const changes = [...new Set(followed.map(({ change }) => withoutPort(change)))];
  return followed.length === 0 ? "not tried" : `${rightIn(followed)}: ${changes.join("; ")}`;
}

/** Servers of the example have another port each time. */
function withoutPort(text: string): string {
  return text.replace(/127\.0\.0\.1:\d+/, "the server");
}

function isUpToDate(page: string): boolean {
  const path = join(repositoryRoot, page);
  const text = readFileSync(path, "utf8");
  const wanted = text.replace(
    /<!-- generated: (.+?) -->\n[\s\S]*?<!-- end -->/g,
    (_, name: string) => `<!-- generated: ${name} -->\n${regionOf(name, page)}\n<!-- end -->`,
  );
  if (wanted !== text && !isCheck) writeFileSync(path, wanted);
  return wanted === text;
}

function regionOf(name: string, page: string): string {
  const region = regions[name];
  if (region === undefined)
    throw new Error(`${page} wants "${name}", but there are only ${Object.keys(regions).join(", ")}`);
  return region();
}

function read(name: string): string {
  const path = join(results, name);
  if (!existsSync(path)) throw new Error(`docs/results/${name} is missing: commit the result that the pages quote`);
  return readFileSync(path, "utf8");
}
