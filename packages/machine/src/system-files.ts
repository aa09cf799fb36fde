// Not imported: an import reads all of its exports, one of which loads promises, and worker threads begin with this.
const { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } = process.getBuiltinModule("node:fs");

/** What the operating system tells in files. Nothing throws: null means that it does not tell. */
export interface SystemFiles {
  /** The file's beginning, at most 64 KiB. */
  readonly text: (path: string) => string | null;
  /** A file which is known to end, whole: in one call. */
  readonly shortText: (path: string) => string | null;
  readonly linkTarget: (path: string) => string | null;
  readonly names: (folder: string) => readonly string[] | null;
}

const MAX_BYTES = 65_536;

/** Buffers up to this size come from Node's pool. */
const PIECE_BYTES = 2048;

export const SYSTEM_FILES: SystemFiles = {
  text: (path) => orNull(() => beginning(path)),
  shortText: (path) => orNull(() => readFileSync(path, "utf8")),
  linkTarget: (path) => orNull(() => readlinkSync(path, "utf8")),
  names: (folder) => orNull(() => readdirSync(folder)),
};

/** Read to a bound of our own: files of /proc claim length 0, and one that never ends must not hold the loop. */
function beginning(path: string): string {
  const file = openSync(path, "r");
  try {
    const pieces: Buffer[] = [];
    for (let length = 0; length < MAX_BYTES; ) {
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      const bytes = readSync(file, piece);
      if (bytes === 0) break;
      pieces.push(piece.subarray(0, bytes));
      length += bytes;
    }
    return Buffer.concat(pieces).toString("utf8");
  } finally {
    closeSync(file);
  }
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
