import { validateLine } from "./line.ts";
import type { Recording, RecordingHeader, RecordingSnapshot } from "./recording.ts";
import { RecordingError } from "./recording-error.ts";

/** Deepest nesting that a line may have; a recording's own is 4. Deeper input could exhaust the stack. */
const MAX_DEPTH = 16;
/** Longest line, in characters: a thousand stages with histograms take a tenth of it. */
const MAX_LINE = 64 * 1024 * 1024;
/** Most lines: a month at one snapshot every three seconds. */
const MAX_LINES = 1_000_000;

/**
 * Reads a recording (`pinchpoint.recording/v1`, JSON lines). A last line that was cut off is left out and counted in
 * `droppedLines`.
 *
 * @throws RecordingError with a code and, where there is one, the number of the line
 */
export function parseRecording(text: string): Recording {
  const lines = text.split("\n", MAX_LINES + 1);
  if (lines.length > MAX_LINES)
    throw new RecordingError(
      "PINCH_RECORDING_TOO_BIG",
      null,
      `more than ${MAX_LINES} lines: record for a shorter time.`,
    );
  const snapshots: RecordingSnapshot[] = [];
  let header: RecordingHeader | null = null;
  let known = emptyIds();
  let droppedLines = 0;
  for (const [index, line] of lines.entries()) {
    const number = index + 1;
    if (line.trim() === "") continue;
    const parsed = parseLine(line, number);
    if (parsed instanceof RecordingError) {
      // The writer ends each line with a newline, so only a line without one can have been cut off.
      const isCutOff = index === lines.length - 1 && parsed.code === "PINCH_RECORDING_NOT_JSON";
      if (!isCutOff) throw parsed;
      droppedLines += 1;
      continue;
    }
    const entry = validateLine(parsed.value, number);
    if (entry.kind === "header") {
      known = idsOf(entry, known, number);
      header = entry;
      continue;
    }
    if (header === null)
      throw new RecordingError(
        "PINCH_RECORDING_LINE",
        number,
        "a snapshot came before the header. The beginning of the file is missing: record again.",
      );
    checkOrder(entry, snapshots.at(-1), number);
    checkReferences(entry, known, number);
    snapshots.push(entry);
  }
  if (header === null)
    throw new RecordingError(
      "PINCH_RECORDING_EMPTY",
      null,
      droppedLines > 0
        ? "the recording was cut off within its first line: record again."
        : "the recording is empty: record again, and let the application process something.",
    );
  if (snapshots.length === 0)
    throw new RecordingError(
      "PINCH_RECORDING_NO_SNAPSHOT",
      null,
      "the recording holds a header but no snapshot: the application ended too early. Record for longer.",
    );
  return { header, snapshots, droppedLines };
}

function parseLine(line: string, number: number): RecordingError | { readonly value: unknown } {
  if (line.length > MAX_LINE || isTooDeep(line))
    return new RecordingError(
      "PINCH_RECORDING_TOO_BIG",
      number,
      `longer than ${MAX_LINE} characters or nested deeper than ${MAX_DEPTH}: this is no recording.`,
    );
  try {
    return { value: JSON.parse(line) };
  } catch (cause) {
    return new RecordingError(
      "PINCH_RECORDING_NOT_JSON",
      number,
      `not JSON: ${JSON.stringify(line.slice(0, 40))}. Give a file that --record wrote, or record again.`,
      { cause },
    );
  }
}

function isTooDeep(line: string): boolean {
  let depth = 0;
  let isInText = false;
  for (let index = 0; index < line.length; index += 1) {
    const code = line.charCodeAt(index);
    if (code === 0x22) isInText = !isInText;
    else if (isInText) {
      if (code === 0x5c) index += 1;
    } else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
  return false;
}

interface KnownIds {
  readonly stages: ReadonlyMap<number, string>;
  readonly threads: ReadonlySet<number>;
  readonly processes: ReadonlySet<number>;
  readonly resources: ReadonlySet<number>;
}

function emptyIds(): KnownIds {
  return { stages: new Map(), threads: new Set(), processes: new Set(), resources: new Set() };
}

function idsOf(header: RecordingHeader, before: KnownIds, line: number): KnownIds {
  const stages = new Map<number, string>();
  for (const stage of header.stages) {
    const name = JSON.stringify([stage.pipeline, stage.name]);
    const was = stages.get(stage.id) ?? before.stages.get(stage.id);
    if (was !== undefined && was !== name)
      throw new RecordingError(
        "PINCH_RECORDING_LINE",
        line,
        `stage ${stage.id} is ${name} but was ${was}; an id never changes its meaning. Record again.`,
      );
    stages.set(stage.id, name);
  }
  const processes = new Set(header.processes.map((process) => process.id));
  const known = {
    stages,
    processes,
    threads: new Set(header.threads.map((thread) => thread.id)),
    resources: new Set(header.resources.map((resource) => resource.id)),
  };
  for (const thread of header.threads) requireId(processes, "process", thread.process, line);
  for (const edge of header.edges) {
    requireId(stages, "stage", edge.from, line);
    requireId(stages, "stage", edge.to, line);
  }
  return known;
}

function checkReferences(snapshot: RecordingSnapshot, known: KnownIds, line: number): void {
  for (const row of snapshot.stages) {
    requireId(known.stages, "stage", row.stage, line);
    requireId(known.threads, "thread", row.thread, line);
  }
  for (const row of snapshot.resources) {
    requireId(known.stages, "stage", row.stage, line);
    requireId(known.resources, "resource", row.resource, line);
    requireId(known.threads, "thread", row.thread, line);
  }
  for (const row of snapshot.threads) requireId(known.threads, "thread", row.thread, line);
  for (const row of snapshot.processes) requireId(known.processes, "process", row.process, line);
}

function requireId(known: { has(id: number): boolean }, what: string, id: number, line: number): void {
  if (known.has(id)) return;
  throw new RecordingError(
    "PINCH_RECORDING_LINE",
    line,
    `${what} ${id} is in no header above. Part of the file is missing: record again.`,
  );
}

function checkOrder(snapshot: RecordingSnapshot, before: RecordingSnapshot | undefined, line: number): void {
  if (before === undefined || snapshot.atSeconds >= before.atSeconds) return;
  throw new RecordingError(
    "PINCH_RECORDING_LINE",
    line,
    `atSeconds falls from ${before.atSeconds} to ${snapshot.atSeconds}; snapshots must be in the order of time.`,
  );
}
