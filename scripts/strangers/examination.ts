import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRecording, type Verdict } from "@pinchpoint/verdict";
import { cacheFolder } from "./installation.ts";
import type { Stranger } from "./stranger.ts";
import { type Ended, runOnce } from "./trial.ts";

/** One way of recording a stranger, against the bare run. */
export interface Sameness {
  readonly isStdoutSame: boolean;
  readonly isExitSame: boolean;
  /** null where it serves nobody. */
  readonly areAnswersSame: boolean | null;
}

export interface Examined {
  readonly name: string;
  readonly kind: Stranger["kind"];
  readonly modules: Stranger["modules"];
  readonly packages: Stranger["packages"];
  readonly exit: Ended["exit"];
  readonly preload: Sameness;
  readonly run: Sameness;
  readonly areStageNamesStable: boolean;
  /** Of the first recorded run: each stage and its items. */
  readonly stages: readonly (readonly [name: string, items: number])[];
  readonly secondsBare: number;
  readonly secondsRecorded: readonly number[];
  /** Of each recorded run; null where there was none. */
  readonly verdicts: readonly (string | null)[];
  readonly blind: readonly string[];
}

interface Recorded {
  readonly ended: Ended;
  readonly stages: readonly (readonly [string, number])[];
  readonly verdict: Verdict | null;
}

const RUNS = 3;

/** Runs a stranger bare, preloaded, and three times under `pinchpoint run`. */
export async function examine(stranger: Stranger, folder: string): Promise<Examined> {
  const node = (words: readonly string[]) => [process.execPath, ...words];
  const bare = await runOnce(stranger, folder, node, {});
  const preloaded = await runOnce(
    stranger,
    folder,
    (words) => [process.execPath, "--import", "pinchpoint/register", ...words],
    { PINCHPOINT_PORT: "off" },
  );
  const recorded: Recorded[] = [];
  for (let run = 0; run < RUNS; run++) recorded.push(await record(stranger, folder));
  const [first] = recorded as [Recorded];
  const { name, kind, modules, packages } = stranger;
  return {
    name,
    kind,
    modules,
    packages,
    exit: bare.exit,
    preload: sameness(bare, [preloaded]),
    run: sameness(
      bare,
      recorded.map(({ ended }) => ended),
    ),
    areStageNamesStable: new Set(recorded.map(({ stages }) => namesOf(stages))).size === 1,
    stages: first.stages,
    secondsBare: seconds(bare),
    secondsRecorded: recorded.map(({ ended }) => seconds(ended)),
    verdicts: recorded.map(({ verdict }) => (verdict === null ? null : inShort(verdict))),
    blind: first.verdict?.blind ?? [],
  };
}

async function record(stranger: Stranger, folder: string): Promise<Recorded> {
  const results = mkdtempSync(join(tmpdir(), "pinchpoint-stranger-"));
  const [recording, verdict] = [join(results, "recording.jsonl"), join(results, "verdict.json")];
  const program = join(cacheFolder, "node_modules/.bin/pinchpoint");
  const own = ["run", "--no-port", "--record", recording, "--json", verdict, "--"];
  try {
    const ended = await runOnce(stranger, folder, (words) => [program, ...own, process.execPath, ...words], {});
    return { ended, stages: stagesIn(recording), verdict: verdictIn(verdict) };
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

function sameness(bare: Ended, others: readonly Ended[]): Sameness {
  return {
    isStdoutSame: others.every(({ stdout }) => stdout === bare.stdout),
    isExitSame: others.every(({ exit }) => exit === bare.exit),
    areAnswersSame: bare.answers === null ? null : others.every(({ answers }) => answers === bare.answers),
  };
}

function stagesIn(path: string): readonly (readonly [string, number])[] {
  const text = textOf(path);
  if (text === null) return [];
  const { header, snapshots } = parseRecording(text);
  const last = snapshots.at(-1)?.stages ?? [];
  return header.stages.map(({ id, name }) => {
    const ofStage = last.filter(({ stage }) => stage === id);
    return [name, ofStage.reduce((sum, { items }) => sum + items, 0)] as const;
  });
}

function verdictIn(path: string): Verdict | null {
  const text = textOf(path);
  return text === null ? null : (JSON.parse(text) as Verdict);
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function inShort({ kind, entity, stage }: Verdict): string {
  if (entity === null) return kind;
  const what = entity.kind === entity.name ? entity.kind : `${entity.kind} ${entity.name}`;
  return stage === null ? `${kind}: ${what}` : `${kind}: ${what}, stage ${stage}`;
}

function namesOf(stages: readonly (readonly [string, number])[]): string {
  return stages
    .map(([name]) => name)
    .sort()
    .join("\n");
}

function seconds({ tookMs }: Ended): number {
  return Math.round(tookMs / 100) / 10;
}
