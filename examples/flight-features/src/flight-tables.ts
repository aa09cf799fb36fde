import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  ARRAY,
  arrayValue,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
  FLOAT,
  INTEGER,
  SMALLINT,
  USMALLINT,
} from "@duckdb/node-api";
import type { ScoredBatch } from "./batch.ts";
import { featureNames } from "./delay-features.ts";

export const databaseName = "flights.duckdb";

interface Column {
  readonly name: string;
  readonly type: DuckDBType;
  readonly value: (batch: ScoredBatch, row: number) => DuckDBValue;
}

const width = featureNames.length;

const columns: readonly Column[] = [
  { name: "departure_minute", type: INTEGER, value: (batch, row) => batch.departureMinutes[row]! },
  { name: "origin_id", type: USMALLINT, value: (batch, row) => batch.originIds[row]! },
  { name: "destination_id", type: USMALLINT, value: (batch, row) => batch.destinationIds[row]! },
  { name: "delay_minutes", type: SMALLINT, value: (batch, row) => batch.delayMinutes[row]! },
  {
    name: "features",
    type: ARRAY(FLOAT, width),
    value: (batch, row) => arrayValue(Array.from(batch.features.subarray(row * width, (row + 1) * width))),
  },
  { name: "late_probability", type: FLOAT, value: (batch, row) => batch.lateProbability[row]! },
];

const columnList = columns.map(({ name, type }) => `${name} ${type}`).join(", ");

/** A new one for each batch: rows that were deleted keep slowing those down that come after them. */
const newStaging = `CREATE OR REPLACE TEMP TABLE batch (${columnList});`;

/** Folding the log into the file stops a stream for a second or two, so that it is done at the end. */
const options = { threads: "1", checkpoint_threshold: "1GB" };

const viewOfFlights = `CREATE VIEW flights AS
  SELECT TIMESTAMP '2001-01-01' + to_minutes(departure_minute) AS departure,
         origin.code AS origin, destination.code AS destination, delay_minutes, late_probability,
         ${featureNames.map((name, index) => `features[${index + 1}] AS ${name}`).join(", ")}
  FROM scored_flights
  JOIN airports AS origin ON origin.id = origin_id
  JOIN airports AS destination ON destination.id = destination_id`;

/**
 * An embedded DuckDB file with the tables `scored_flights` and `airports`, and the view `flights`, which shows times,
 * airport codes and a column for each feature.
 *
 * A batch first goes into a table in memory, which the binding can only fill synchronously (a quick copy), and from
 * there into the file by one statement that runs off the event loop.
 */
export class FlightTables {
  readonly #database: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #commit: string;
  readonly #chunk = DuckDBDataChunk.create(columns.map(({ type }) => type));
  #airportsWritten = 0;

  private constructor(database: DuckDBInstance, connection: DuckDBConnection, tables: readonly string[]) {
    this.#database = database;
    this.#connection = connection;
    const inserts = tables.map((table) => `INSERT INTO ${table} SELECT * FROM batch;`);
    this.#commit = `${inserts.join(" COMMIT; BEGIN; ")} ${newStaging} COMMIT; BEGIN;`;
  }

  /**
   * Starts a new database file in the folder; one of an earlier run is replaced.
   *
   * @param copies - tables that each batch is written to: `scored_flights`, `scored_flights_2`, …
   */
  static async create(folder: string, copies: number): Promise<FlightTables> {
    const path = join(folder, databaseName);
    await Promise.all([rm(path, { force: true }), rm(`${path}.wal`, { force: true })]);
    const database = await DuckDBInstance.create(path, options);
    const connection = await database.connect();
    const tables = Array.from({ length: copies }, (_, index) => `scored_flights${index === 0 ? "" : `_${index + 1}`}`);
    for (const table of tables) await connection.run(`CREATE TABLE ${table} (${columnList})`);
    await connection.run("CREATE TABLE airports (id USMALLINT PRIMARY KEY, code VARCHAR)");
    await connection.run(viewOfFlights);
    await connection.run(newStaging);
    // A transaction is always open, so that the synchronous copy of a batch never has to end one.
    await connection.run("BEGIN");
    return new FlightTables(database, connection, tables);
  }

  /** Resolves when the batch is committed to every table. */
  async write(batch: ScoredBatch): Promise<void> {
    await this.#writeNewAirports(batch.airports);
    if (batch.flights > 0) await this.#stage(batch);
    await this.#connection.run(this.#commit);
  }

  /** Folds the log into the database file and lets go of it. */
  async close(): Promise<void> {
    await this.#connection.run("COMMIT; CHECKPOINT;");
    this.dispose();
  }

  /** Lets go of the file as it is; what was committed stays. */
  dispose(): void {
    this.#connection.closeSync();
    this.#database.closeSync();
  }

  async #stage(batch: ScoredBatch): Promise<void> {
    const appender = await this.#connection.createAppender("batch");
    const chunk = this.#chunk;
    chunk.reset();
    chunk.rowCount = batch.flights;
    columns.forEach(({ value }, index) => {
      const vector = chunk.getColumnVector(index);
      for (let row = 0; row < batch.flights; row++) vector.setItem(row, value(batch, row));
      vector.flush();
    });
    appender.appendDataChunk(chunk);
    appender.closeSync();
  }

  async #writeNewAirports(airports: readonly string[]): Promise<void> {
    const end = airports.length;
    if (this.#airportsWritten === end) return;
    const rows = airports.slice(this.#airportsWritten, end).map((code, index) => [this.#airportsWritten + index, code]);
    const values = rows.map((_, index) => `($${2 * index + 1}, $${2 * index + 2})`).join(", ");
    await this.#connection.run(`INSERT INTO airports VALUES ${values}`, rows.flat());
    this.#airportsWritten = end;
  }
}
