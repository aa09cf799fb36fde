// npm run docs [-- --check]: every figure in the documentation is written from a committed result, or the check fails.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "./run-command.ts";

interface Answer {
  readonly kind: string;
  readonly entity: { readonly kind: string; readonly name: string } | null;
  readonly stage: string | null;
}

interface MatrixResult {
  readonly rows: readonly { pinch: string; runs: number; right: number; expected: Answer }[];
}

interface OverheadResult {
  readonly machine: { readonly cores: number; readonly node: string };
  readonly overhead: {
    readonly isMet: boolean;
    readonly pairs: number;
    readonly typicalPoints: number;
    readonly lowPoints: number;
    readonly highPoints: number;
  };
}

const results = join(repositoryRoot, "docs/results");

/** What stands between `<!-- generated: NAME -->` and `<!-- end -->` in each page. */
const regions: Record<string, () => string> = {
  "npm start": () => `\`\`\`\n${read("npm-start.txt").trimEnd()}\n\`\`\``,
  matrix: () => {
    const { rows } = JSON.parse(read("matrix.json")) as MatrixResult;
    const lines = rows.map(
      ({ pinch, expected, right, runs }) => `| \`--pinch ${pinch}\` | ${inWords(expected)} | ${right} of ${runs} |`,
    );
    return [
      "| What is really made slower | The truth, by doubling each candidate | Verdict right |",
      "|---|---|---|",
      ...lines,
    ].join("\n");
  },
  overhead: () => {
    const { machine, overhead } = JSON.parse(read("overhead.json")) as OverheadResult;
    const [mean, low, high] = [overhead.typicalPoints, overhead.lowPoints, overhead.highPoints].map((n) =>
      n.toFixed(1),
    );
    return (
      `Under \`pinchpoint run\` the flight example loses ${mean} % of what its event loop can do (95 % interval ${low} to ` +
      `${high} %, ${overhead.pairs} interleaved pairs, ${machine.cores} cores, Node ${machine.node}).` +
      (overhead.isMet ? "" : " The machine scattered too much to say whether that is within the 3 % that we promise.")
    );
  },
};

const pages = ["README.md", "docs/ARCHITECTURE.md"];
const isCheck = process.argv.includes("--check");
const stale = pages.filter((page) => !isUpToDate(page));
if (isCheck && stale.length > 0) {
  console.error(`${stale.join(", ")}: figures differ from docs/results; run \`npm run docs\` and commit`);
  process.exitCode = 1;
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

function inWords({ kind, entity, stage }: Answer): string {
  return `${kind}: ${entity === null ? "nothing" : `${entity.kind} ${entity.name}`}, stage ${stage ?? "none"}`;
}
