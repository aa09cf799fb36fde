import type { ScoredBatch } from "./batch.ts";
import { EveryOther } from "./every-other.ts";
import type { FlightTables } from "./flight-tables.ts";
import type { Settings } from "./settings.ts";

/** Writes scored flights and acknowledges each batch once it is committed. */
export class Storing {
  readonly #tables: FlightTables;
  readonly #acknowledge: (batch: ScoredBatch) => void;
  readonly #everyOther: EveryOther<"written">;
  /** The write that is under way, or the last one; it never rejects. */
  #written: Promise<unknown> = Promise.resolve();

  constructor(tables: FlightTables, acknowledge: (batch: ScoredBatch) => void, settings: Pick<Settings, "halved">) {
    this.#tables = tables;
    this.#acknowledge = acknowledge;
    this.#everyOther = new EveryOther(settings.halved === "store");
  }

  async store(batch: ScoredBatch): Promise<void> {
    if (this.#everyOther.take() === undefined) {
      const written = this.#tables.write(batch);
      this.#written = written.catch(() => {});
      await written;
      this.#everyOther.keep("written");
    }
    this.#acknowledge(batch);
  }

  async close(): Promise<void> {
    await this.#tables.close();
  }

  /** Lets go of the tables as they are, after what is under way: closed within a statement, the process may hang. */
  async dispose(): Promise<void> {
    await this.#written;
    this.#tables.dispose();
  }
}
