import { setTimeout as sleep } from "node:timers/promises";
import type { RawBatch } from "./batch.ts";
import type { FlightFile, RowGroup } from "./data-file.ts";
import { EveryOther } from "./every-other.ts";
import { RateLimit } from "./rate-limit.ts";
import type { Settings } from "./settings.ts";

export interface ReadOptions {
  /** Rows of a batch; the last one of a row group may be smaller. */
  readonly batchRows: number;
  /** Stop after so many rows of the file. */
  readonly rowLimit: number;
  /** Stop reading this long after the first batch was asked for, milliseconds. */
  readonly stopAfterMs: number;
}

/** Raw batches of a file, in the file's order, which is event time. */
export class Reading {
  readonly #file: FlightFile;
  readonly #options: ReadOptions;
  readonly #rateLimit: RateLimit | null;
  readonly #everyOther: EveryOther<RawBatch>;
  #rowsLeft: number;
  #stopAtMs: number | undefined;
  #nextGroup = 0;
  #group: RowGroup | undefined;
  #rowInGroup = 0;

  /** @param file - the reading's from now on: it closes it */
  constructor(file: FlightFile, options: ReadOptions, settings: Pick<Settings, "readRowsPerSecond" | "halved">) {
    this.#file = file;
    this.#options = options;
    this.#rowsLeft = Math.min(options.rowLimit, file.rows);
    this.#rateLimit = settings.readRowsPerSecond === null ? null : new RateLimit(settings.readRowsPerSecond);
    this.#everyOther = new EveryOther(settings.halved === "read");
  }

  /** Null at the end. */
  async next(): Promise<RawBatch | null> {
    this.#stopAtMs ??= performance.now() + this.#options.stopAfterMs;
    if (performance.now() >= this.#stopAtMs) return null;
    const again = this.#everyOther.take();
    if (again !== undefined) return again;
    const group = await this.#currentGroup();
    if (group === null) return null;
    const rows = Math.min(this.#options.batchRows, group.rows - this.#rowInGroup, this.#rowsLeft);
    const waitMs = this.#rateLimit?.book(rows, performance.now()) ?? 0;
    if (waitMs > 0) await sleep(waitMs);
    const batch = rowsOf(group, this.#rowInGroup, rows);
    this.#rowInGroup += rows;
    this.#rowsLeft -= rows;
    return this.#everyOther.keep(batch);
  }

  async close(): Promise<void> {
    this.#group = undefined;
    await this.#file.close();
  }

  async #currentGroup(): Promise<RowGroup | null> {
    while (this.#group === undefined || this.#rowInGroup >= this.#group.rows) {
      if (this.#rowsLeft <= 0 || this.#nextGroup >= this.#file.rowGroups.length) return null;
      this.#group = undefined;
      this.#group = await this.#file.readRowGroup(this.#nextGroup, this.#rowsLeft);
      this.#nextGroup += 1;
      this.#rowInGroup = 0;
    }
    return this.#rowsLeft > 0 ? this.#group : null;
  }
}

function rowsOf(group: RowGroup, firstRow: number, rows: number): RawBatch {
  const part = (column: ArrayLike<unknown>): ArrayLike<unknown> =>
    Array.prototype.slice.call(column, firstRow, firstRow + rows);
  return {
    rows,
    date: part(group.date),
    delay: part(group.delay),
    distance: part(group.distance),
    origin: part(group.origin),
    destination: part(group.destination),
  };
}
