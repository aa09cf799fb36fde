import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { afterEach, expect, test } from "vitest";
import { application, endPrograms, NODE } from "./program.ts";
import { recordedAsBare, WAYS } from "./ways.ts";

afterEach(endPrograms);

const { resolve } = createRequire(import.meta.url);
const TSX = resolve("tsx/cli");
/** What `--import tsx` finds in a folder where tsx is installed. */
const LOADER = `file://${resolve("tsx")}`;

/** The place in a file at which a text stands, as stages are named by it. */
function lineOf(name: string, text: string): number {
  const lines = readFileSync(application(name), "utf8").split("\n");
  return lines.findIndex((line) => line.includes(text)) + 1;
}

const typedAt = lineOf("typed.ts", "pipeline(Readable.from");
const ETL = { [`readable@etl.js:${lineOf("etl.js", "await pipeline(")}`]: 50, decode: 50, store: 50 };
const TYPED = {
  [`readable@typed.ts:${typedAt}`]: 50,
  decode: 50,
  clean: 50,
  [`writable@typed.ts:${typedAt}`]: 42,
};

interface Kind {
  readonly kind: string;
  readonly words: readonly string[];
  readonly items: Readonly<Record<string, number>>;
  /** Words before the flags that Node gets. */
  readonly flagAt?: number;
}

const KINDS: readonly Kind[] = [
  { kind: "an ES module", words: [application("etl.js")], items: ETL },
  { kind: "a CommonJS module", words: [application("chain.cjs")], items: { flights: 50, decode: 50, store: 50 } },
  { kind: "TypeScript by Node's own type stripping", words: [application("typed.ts")], items: TYPED },
  { kind: "TypeScript by tsx", words: [TSX, application("typed.ts")], items: TYPED, flagAt: 1 },
  { kind: "TypeScript by tsx as a preload", words: ["--import", LOADER, application("typed.ts")], items: TYPED },
];

test.for(KINDS.flatMap((kind) => WAYS.map((way) => ({ ...kind, way }))))(
  "$kind under $way is as bare, and its stages have the names of its source",
  async ({ way, words, items, flagAt = 0 }) => {
    const recorded = await recordedAsBare(way, [NODE, ...words], { flagAt });
    expect(recorded).toMatchObject({ items, losses: {}, processes: 1 });
  },
);

test.for(["NODE_OPTIONS", "pinchpoint run"] as const)(
  "a script of npm's under %s is as bare, and nothing of npm's own is recorded",
  async (way) => {
    const environment = { NPM_CONFIG_UPDATE_NOTIFIER: "false" };
    const cwd = dirname(application("etl.js"));
    const recorded = await recordedAsBare(way, ["npm", "start"], { environment, cwd });
    expect(recorded).toMatchObject({ items: ETL, losses: {}, processes: 1 });
  },
);
