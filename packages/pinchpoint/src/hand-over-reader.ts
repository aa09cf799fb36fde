import { closeSync, fstatSync, openSync, readdirSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Recording, type RecordingHeader, type RecordingSnapshot, validateLine } from "@pinchpoint/verdict";
import { type Segment, segmentsAmong } from "./segment.ts";

/** Snapshots that are kept of one process: at one a second more than an hour, and half as dense from then on. */
const MOST_SNAPSHOTS = 4096;

/** What one process has handed over so far. */
interface Account {
  header: RecordingHeader | null;
  snapshots: RecordingSnapshot[];
  damagedLines: number;
}

interface Position {
  bytes: number;
  /** The beginning of a line whose end is not written yet. */
  rest: Buffer;
}

/** Reads what processes hand over into a folder, while they write, and deletes what it has read. */
export class HandOverReader {
  readonly #folder: string;
  readonly #accounts = new Map<string, Account>();
  readonly #positions = new Map<string, Position>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Reads what has come since the last time. */
  collect(): void {
    const segments = segmentsAmong(readdirSync(this.#folder));
    for (const [index, segment] of segments.entries()) {
      this.#read(segment);
      // Its writer has gone on to the next one, so that nothing will be added.
      if (segments[index + 1]?.key === segment.key) this.#forget(segment);
    }
  }

  /** A recording of each process, in the order in which they began to record. */
  recordings(): Recording[] {
    return [...this.#accounts.values()]
      .flatMap(({ header, snapshots, damagedLines }) =>
        header === null || snapshots.length === 0 ? [] : [{ header, snapshots, droppedLines: damagedLines }],
      )
      .sort((a, b) => firstSeconds(a) - firstSeconds(b));
  }

  #read(segment: Segment): void {
    const position = this.#positions.get(segment.name) ?? { bytes: 0, rest: Buffer.alloc(0) };
    this.#positions.set(segment.name, position);
    const added = bytesFrom(join(this.#folder, segment.name), position.bytes);
    if (added.length === 0) return;
    position.bytes += added.length;
    const bytes = Buffer.concat([position.rest, added]);
    const end = bytes.lastIndexOf(0x0a) + 1;
    position.rest = bytes.subarray(end);
    const account = this.#accounts.get(segment.key) ?? { header: null, snapshots: [], damagedLines: 0 };
    this.#accounts.set(segment.key, account);
    for (const line of bytes.toString("utf8", 0, end).split("\n")) if (line !== "") addLine(account, line);
    if (account.snapshots.length > MOST_SNAPSHOTS) account.snapshots = everyOther(account.snapshots);
  }

  #forget({ name }: Segment): void {
    rmSync(join(this.#folder, name), { force: true });
    this.#positions.delete(name);
  }
}

function addLine(account: Account, line: string): void {
  try {
    const entry = validateLine(JSON.parse(line), 1);
    if (entry.kind === "header") account.header = entry;
    else if (account.header !== null) account.snapshots.push(entry);
  } catch {
    account.damagedLines += 1;
  }
}

/** Snapshots are cumulative, so that leaving some out loses no count; the newest stays. */
function everyOther(snapshots: readonly RecordingSnapshot[]): RecordingSnapshot[] {
  return snapshots.filter((_, index) => (snapshots.length - 1 - index) % 2 === 0);
}

function bytesFrom(path: string, position: number): Buffer {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - position));
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, position));
  } finally {
    closeSync(file);
  }
}

function firstSeconds({ snapshots }: Recording): number {
  return snapshots[0]?.atSeconds ?? 0;
}
