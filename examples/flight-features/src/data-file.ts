import { open, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetRead } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import type { RawBatch } from "./batch.ts";
import { Failure, firstLine } from "./failure.ts";

const columns = ["date", "delay", "distance", "origin", "destination"] as const;

/** The columns of one row group, whole. */
export type RowGroup = RawBatch;

export interface FlightFile {
  readonly path: string;
  readonly rows: number;
  /** Rows of each row group, in file order. */
  readonly rowGroups: readonly number[];
  /**
   * Decompresses one row group.
   *
   * @param rowLimit - leave out the rows from this one on, if the group has as many
   * @throws Failure if the file's bytes make no sense there
   */
  readRowGroup(index: number, rowLimit: number): Promise<RowGroup>;
  close(): Promise<void>;
}

/** Where the npm package `vega-datasets` keeps the three million flights. */
export function installedFlightFile(): string {
  // The package exports its index only; the data folder lies beside the folder of that index.
  return fileURLToPath(new URL("../data/flights-3m.parquet", import.meta.resolve("vega-datasets")));
}

/** @throws Failure if the file is missing, is not whole Parquet, or lacks a column */
export async function openFlightFile(path: string): Promise<FlightFile> {
  const file = await stat(path).catch((cause: unknown) => {
    throw new Failure(`cannot read the data file ${path} (${firstLine(cause)})`, { cause });
  });
  if (!file.isFile()) throw new Failure(`the data file ${path} is not a file`);
  const handle = await open(path, "r");
  const bytes: AsyncBuffer = {
    byteLength: file.size,
    async slice(start, end = file.size) {
      const buffer = Buffer.alloc(end - start);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
      if (bytesRead < buffer.length) throw new Error(`it ends ${buffer.length - bytesRead} bytes too early`);
      return buffer.buffer;
    },
  };
  try {
    const metadata = await readMetadata(path, bytes);
    return flightFile(path, bytes, metadata, () => handle.close());
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readMetadata(path: string, bytes: AsyncBuffer): Promise<FileMetaData> {
  const metadata = await parquetMetadataAsync(bytes).catch((cause: unknown) => {
    throw new Failure(`the data file ${path} is truncated or not Parquet (${firstLine(cause)})`, { cause });
  });
  const present = new Set(metadata.schema.map((element) => element.name));
  const missing = columns.filter((name) => !present.has(name));
  if (missing.length > 0) throw new Failure(`the data file ${path} has no column ${missing.join(", ")}`);
  return metadata;
}

function flightFile(path: string, file: AsyncBuffer, metadata: FileMetaData, close: () => Promise<void>): FlightFile {
  const rowGroups = metadata.row_groups.map((group) => Number(group.num_rows));
  const firstRows = rowGroups.map((_, index) => rowGroups.slice(0, index).reduce((sum, rows) => sum + rows, 0));
  return {
    path,
    rows: Number(metadata.num_rows),
    rowGroups,
    close,
    async readRowGroup(index, rowLimit) {
      const firstRow = firstRows[index] ?? 0;
      const rows = Math.min(rowGroups[index] ?? 0, rowLimit);
      const parts = new Map<string, ArrayLike<unknown>[]>();
      const range = { rowStart: firstRow, rowEnd: firstRow + rows };
      const onChunk = (chunk: { columnName: string; columnData: ArrayLike<unknown> }): void => {
        parts.set(chunk.columnName, [...(parts.get(chunk.columnName) ?? []), chunk.columnData]);
      };
      await parquetRead({ file, metadata, compressors, columns: [...columns], ...range, onChunk }).catch(
        (cause: unknown) => {
          const where = `row group ${index + 1} of ${rowGroups.length}`;
          throw new Failure(`the data file ${path} is damaged in ${where} (${firstLine(cause)})`, { cause });
        },
      );
      const column = (name: (typeof columns)[number]): ArrayLike<unknown> => {
        const values = joined(parts.get(name) ?? []);
        if (values.length < rows) throw new Failure(`the data file ${path} holds too few values of column ${name}`);
        return values;
      };
      return {
        rows,
        date: column("date"),
        delay: column("delay"),
        distance: column("distance"),
        origin: column("origin"),
        destination: column("destination"),
      };
    },
  };
}

function joined(parts: readonly ArrayLike<unknown>[]): ArrayLike<unknown> {
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) return only;
  return parts.flatMap((part) => Array.from(part));
}
