/** A public program that nobody here wrote, and how it is run. */
export interface Stranger {
  readonly name: string;
  readonly kind: "stream ETL" | "web server" | "worker pool" | "queue worker" | "command line";
  readonly modules: "CommonJS" | "ESM" | "TypeScript";
  /** What it is installed from, with exact versions. */
  readonly packages: Readonly<Record<string, string>>;
  /** What is written into its folder before, by file name. */
  readonly inputs?: Readonly<Record<string, () => Iterable<string>>>;
  /** What is given to Node: options, a file below `node_modules`, and its words. */
  readonly command: (port: number) => readonly string[];
  /** The input that it reads from stdin. */
  readonly stdin?: string;
  /** How it is asked, where it serves; default: it ends by itself. */
  readonly served?: Served;
  /** What differs between two bare runs too, such as times. */
  readonly varies?: RegExp;
  /** Whether lines come in another order in two bare runs too. */
  readonly isUnordered?: boolean;
  /** Whether what the verdict said was right, and by what other means that was found out. */
  readonly judged: string;
}

export interface Served {
  /** Asked in turn. */
  readonly requests: readonly { readonly method: string; readonly path: string; readonly body?: object }[];
  /** How many are made in a run. */
  readonly count: number;
  /** Where the program insists on its own; default: a free one. */
  readonly port?: number;
}

/** Rows that are the same each time: a flight, its origin and its delay in minutes. */
export function* rows(count: number): Generator<{ id: number; origin: string; delay: number }> {
  for (let id = 0; id < count; id++)
    yield { id, origin: ["AMS", "JFK", "SIN"][id % 3] as string, delay: (id * 7919) % 240 };
}

export function* ndjson(count: number): Generator<string> {
  for (const row of rows(count)) yield `${JSON.stringify(row)}\n`;
}

export function* csv(count: number): Generator<string> {
  yield "id,origin,delay\n";
  for (const { id, origin, delay } of rows(count)) yield `${id},${origin},${delay}\n`;
}
