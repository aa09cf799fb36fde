import { parseArgs } from "node:util";
import { Failure, firstLine } from "./failure.ts";

export interface Options {
  /** The Parquet file, or null for the one of the npm package. */
  readonly dataFile: string | null;
  readonly outputFolder: string;
  /** Rows of the file to read, at most. */
  readonly rowLimit: number;
  /** Stop reading after so long. */
  readonly seconds: number;
  readonly isQuiet: boolean;
  readonly asksForHelp: boolean;
}

export const usage = `usage: node src/main.ts [options]

  --data FILE     flights as Parquet (default: flights-3m.parquet of the npm package vega-datasets)
  --out DIR       folder for flights.duckdb and acknowledged.json (default: flight-features-out)
  --limit ROWS    read so many rows at most
  --seconds N     stop reading after N seconds and finish what was read
  --quiet         no progress lines
  --help          this text
`;

/** @throws Failure with exit code 2 if the command line makes no sense */
export function parseOptions(argv: readonly string[]): Options {
  const { values } = parsed(argv);
  return {
    dataFile: values.data ?? null,
    outputFolder: values.out ?? "flight-features-out",
    rowLimit: numberAbove0("--limit", values.limit, Number.isSafeInteger, "a whole number of rows above 0"),
    seconds: numberAbove0("--seconds", values.seconds, Number.isFinite, "a number of seconds above 0"),
    isQuiet: values.quiet ?? false,
    asksForHelp: values.help ?? false,
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: false,
      options: {
        data: { type: "string" },
        out: { type: "string" },
        limit: { type: "string" },
        seconds: { type: "string" },
        quiet: { type: "boolean" },
        help: { type: "boolean" },
      },
    });
  } catch (cause) {
    // Node's own sentence names the argument; what follows its first full stop is advice about "--" that misleads.
    const reason = firstLine(cause).split(". ", 1)[0] ?? "";
    throw new Failure(`${reason.replace(/\.$/, "")}; --help lists the options`, { exitCode: 2, cause });
  }
}

function numberAbove0(
  name: string,
  text: string | undefined,
  accepts: (value: number) => boolean,
  wanted: string,
): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const value = Number(text);
  if (text.trim() === "" || !accepts(value) || value <= 0) {
    throw new Failure(`${name} must be ${wanted}, got "${text}"`, { exitCode: 2 });
  }
  return value;
}
