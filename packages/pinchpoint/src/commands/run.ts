import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judge, type Recording, renderVerdict, type Verdict } from "@pinchpoint/verdict";
import { type ChildEnding, runChild } from "../child.ts";
import { ENVIRONMENT } from "../environment.ts";
import { HandOverReader } from "../hand-over-reader.ts";
import { mergeRecordings } from "../merge.ts";
import { withPreload } from "../node-options.ts";
import { notesIn } from "../note.ts";
import { recordingText } from "../recording-file.ts";
import { UsageError } from "../usage-error.ts";
import { fileProblem } from "./file-problem.ts";
import { checkWritable, writeResult } from "./result-file.ts";
import { type RunOptions, runOptionsOf } from "./run-options.ts";
import { complaintOf, reasonForNothing } from "./run-words.ts";

export interface RunSurroundings {
  readonly environment: NodeJS.ProcessEnv;
  /** Writes to stderr. */
  readonly say: (text: string) => void;
  readonly isTerminal: boolean;
}

/** How the program ends: like the command that it ran. */
export type Ending = { readonly code: number } | { readonly signal: NodeJS.Signals };

const PRELOAD = createRequire(import.meta.url).resolve("pinchpoint/register");
/** How often the hand-over is read, so that it stays small and a taken port is told at once. */
const COLLECT_MS = 1000;
/** `--every` judges the last minute: a line a few seconds old must not cost more the longer the command runs. */
const RECENT_SNAPSHOTS = 60;

/**
 * `pinchpoint run … -- COMMAND…`: the command runs as it would alone, and what limits it is said at its end.
 *
 * @throws UsageError before the command is started, or where it cannot be
 */
export async function run(words: readonly string[], surroundings: RunSurroundings): Promise<Ending> {
  const options = runOptionsOf(words, surroundings.environment);
  if (options.jsonFile !== null) checkWritable(options.jsonFile, "--json");
  if (options.recordFile !== null) checkWritable(options.recordFile, "--record");
  const folder = privateFolder();
  try {
    const reader = new HandOverReader(folder);
    const notes = new Set<string>();
    const collect = () => {
      reader.collect();
      for (const note of notesIn(folder)) {
        const sentence = notes.has(note) ? null : complaintOf(note);
        notes.add(note);
        if (sentence !== null) surroundings.say(`pinchpoint: ${sentence}\n`);
      }
    };
    const ending = await runRecorded(options, folder, reader, collect, surroundings);
    collect();
    conclude(options, reader.recordings(), notes, surroundings);
    return endingOf(ending);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runRecorded(
  options: RunOptions,
  folder: string,
  reader: HandOverReader,
  collect: () => void,
  { environment, say }: RunSurroundings,
): Promise<ChildEnding> {
  const startedMs = performance.now();
  const timers = [setInterval(collect, COLLECT_MS)];
  if (options.everyMs !== null) {
    const tell = () => {
      collect();
      say(`${lineOf(mergeRecordings(reader.recordings()), performance.now() - startedMs)}\n`);
    };
    timers.push(setInterval(tell, options.everyMs));
  }
  try {
    return await runChild({
      ...options,
      environment: {
        ...environment,
        NODE_OPTIONS: withPreload(environment.NODE_OPTIONS, PRELOAD),
        [ENVIRONMENT.handOver]: folder,
        ...(options.port === undefined
          ? {}
          : { [ENVIRONMENT.port]: options.port === null ? "off" : `${options.port}` }),
      },
      descendants: () => {
        collect();
        return reader.recordings().flatMap(({ header }) => header.processes.map(({ pid }) => pid));
      },
    });
  } catch (cause) {
    throw cannotStart(options.command, cause);
  } finally {
    for (const timer of timers) clearInterval(timer);
  }
}

/** For its owner alone: mkdtemp sees to that. */
function privateFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), "pinchpoint-"));
  } catch (cause) {
    throw new UsageError(`cannot make a folder in ${tmpdir()}: ${fileProblem(cause)}; set TMPDIR to another.`, {
      cause,
    });
  }
}

/** Exit codes as a shell gives them. */
function cannotStart(command: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return new UsageError(`command not found: ${command}`, { exitCode: 127, cause });
  if (code === "EACCES") return new UsageError(`not executable: ${command}`, { exitCode: 126, cause });
  return new UsageError(`cannot start ${command}: ${(cause as Error).message}`, { exitCode: 126, cause });
}

function conclude(
  { jsonFile, recordFile, disabledBy, hasPermissions }: RunOptions,
  recordings: readonly Recording[],
  notes: ReadonlySet<string>,
  { say, isTerminal }: RunSurroundings,
): void {
  const recording = mergeRecordings(recordings);
  const hasStages = recordings.length > 0;
  const nothing = recording === null ? reasonForNothing({ notes, disabledBy, hasPermissions, hasStages }) : null;
  const verdicts = judge(recording ?? EMPTY);
  if (nothing !== null) say(`\npinchpoint: no verdict: ${nothing}\n`);
  else for (const verdict of verdicts) say(`\n${renderVerdict(verdict, { ansi: isTerminal })}`);
  if (jsonFile !== null) {
    const [verdict] = verdicts;
    const told = nothing === null ? verdict : { ...verdict, missing: [nothing] };
    writeResult(jsonFile, `${JSON.stringify(told, null, 2)}\n`, say);
  }
  if (recordFile !== null && recording !== null) writeResult(recordFile, recordingText(recording), say);
}

const EMPTY: Recording = {
  header: {
    format: "pinchpoint.recording/v1",
    kind: "header",
    machine: { cores: 1, node: process.version, platform: process.platform },
    processes: [],
    threads: [],
    stages: [],
    edges: [],
    resources: [],
  },
  snapshots: [],
};

function lineOf(recording: Recording | null, elapsedMs: number): string {
  const start = `pinchpoint ${Math.round(elapsedMs / 1000)}s `;
  if (recording === null) return `${start} nothing recorded yet`;
  const recent = { ...recording, snapshots: recording.snapshots.slice(-RECENT_SNAPSHOTS) };
  const [verdict] = judge(recent) as [Verdict];
  const [heading = ""] = renderVerdict(verdict, { isBrief: true }).split("\n");
  const rate = verdict.throughput === null ? "" : `  ${verdict.throughput.perSecond.toPrecision(3)}/s`;
  return `${start} ${heading.replaceAll(/ {2,}/g, "  ")}${rate}`;
}

function endingOf({ code, signal, isOurs }: ChildEnding): Ending {
  if (isOurs) return { code: 0 };
  return signal === null ? { code: code ?? 1 } : { signal };
}
