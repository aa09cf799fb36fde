import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FlightBatch } from "./batch.ts";

/** What the store has committed; the content of `acknowledged.json`. */
export interface Acknowledged {
  /** Flights written. */
  readonly rows: number;
  readonly batches: number;
  /** Rows of those batches that were left out because they made no sense. */
  readonly rejectedRows: number;
  /** From the start of the pipeline to the newest of these batches. */
  readonly seconds: number;
  /** Whether the pipeline ended by itself; false while it runs, and for good if it was stopped. */
  readonly isComplete: boolean;
}

export const acknowledgedName = "acknowledged.json";

/** Twice a second at most: progress is for people, and must cost nothing. */
const betweenTicksMs = 500;

export interface ProgressOptions {
  readonly folder: string;
  /** Shows one line of text; it replaces the one before where the output allows that. */
  readonly show: (line: string) => void;
  readonly nowMs: () => number;
}

/** Counts what was acknowledged, tells it, and keeps `acknowledged.json` up to date. */
export class Progress {
  readonly #options: ProgressOptions;
  readonly #startMs: number;
  #shownAtMs: number;
  #rows = 0;
  #batches = 0;
  #rejectedRows = 0;
  #newestMs: number;
  #written: Promise<void> = Promise.resolve();

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#startMs = options.nowMs();
    this.#shownAtMs = this.#startMs;
    this.#newestMs = this.#startMs;
  }

  acknowledge(batch: Pick<FlightBatch, "flights" | "rejectedRows">): void {
    this.#rows += batch.flights;
    this.#batches += 1;
    this.#rejectedRows += batch.rejectedRows;
    this.#newestMs = this.#options.nowMs();
    if (this.#newestMs - this.#shownAtMs >= betweenTicksMs) this.#tick(false);
  }

  /**
   * Tells the final count.
   *
   * @throws the error of the file system if `acknowledged.json` could not be kept
   */
  async finish(): Promise<Acknowledged> {
    const state = this.#tick(true);
    await this.#written;
    return state;
  }

  #tick(isComplete: boolean): Acknowledged {
    this.#shownAtMs = this.#newestMs;
    const seconds = (this.#newestMs - this.#startMs) / 1000;
    const state = {
      rows: this.#rows,
      batches: this.#batches,
      rejectedRows: this.#rejectedRows,
      seconds: Number(seconds.toFixed(3)),
      isComplete,
    };
    this.#written = this.#written.then(() => this.#write(state));
    // The error is thrown by finish; until then it must not count as unhandled.
    this.#written.catch(() => {});
    this.#options.show(progressLine(state));
    return state;
  }

  /** Renamed into place, so that a reader, or a kill at any moment, never meets half a file. */
  async #write(state: Acknowledged): Promise<void> {
    const path = join(this.#options.folder, acknowledgedName);
    await writeFile(`${path}.new`, `${JSON.stringify(state)}\n`);
    await rename(`${path}.new`, path);
  }
}

export function progressLine({ rows, batches, seconds }: Acknowledged): string {
  const number = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
  const rate = seconds > 0 ? ` · ${number.format(rows / seconds)} flights/s` : "";
  return `flights ${number.format(rows)} · batches ${number.format(batches)}${rate}`;
}
