import { readFile } from "node:fs/promises";
import { Failure, firstLine } from "./failure.ts";

/** Batches that each stream holds before it asks the one before it to wait. */
export const batchesInFlight = 4;

export const stageNames = ["read", "decode", "features", "score", "store"] as const;
export type StageName = (typeof stageNames)[number];

/** What the application also does, apart from its stages. */
export const asideNames = ["board", "recent"] as const;
export type AsideName = (typeof asideNames)[number];

const scoringNames = ["pool", "remote"] as const;

/** What an operator can set in `settings.json`, in the folder where the application starts. */
export interface Settings {
  /** How often each batch is decoded; the passes must agree. */
  readonly decodePasses: number;
  /** Tables that each batch is written to, each in a transaction of its own. */
  readonly storeCopies: number;
  /** Highest rate at which the file is read; null: as fast as it goes. */
  readonly readRowsPerSecond: number | null;
  /** Where batches are scored: in a pool of worker threads, or by a local HTTP server. */
  readonly scoring: (typeof scoringNames)[number];
  /** Threads of the pool. */
  readonly scoreThreads: number;
  /** How often the model scores each batch; the passes must agree. */
  readonly scorePasses: number;
  /** Batches that the HTTP server works on at once. */
  readonly remoteSlots: number;
  /** How long the HTTP server's accelerator takes for a batch besides the computing. */
  readonly remoteMs: number;
  /** How often the board of delays is made anew each time that it is; 0: there is no board. */
  readonly boardPasses: number;
  /** Flights that are kept as plain objects, the newest of them; 0: none. */
  readonly recentFlights: number;
  /** Objects that are kept of each such flight. */
  readonly recentCopies: number;
  /**
   * Limit of V8's heap in megabytes that the application is to be started with (`node --max-old-space-size=N`): it does
   * not start with another. Null: whatever it is.
   */
  readonly heapMb: number | null;
  /** For experiments: this works on every second batch, or makes every second pass, only; see `EveryOther`. */
  readonly halved: StageName | AsideName | null;
}

export const defaultSettings: Settings = {
  decodePasses: 1,
  storeCopies: 1,
  readRowsPerSecond: null,
  scoring: "pool",
  scoreThreads: 1,
  scorePasses: 1,
  remoteSlots: 2,
  remoteMs: 2,
  boardPasses: 0,
  recentFlights: 0,
  recentCopies: 1,
  heapMb: null,
  halved: null,
};

interface Rule {
  readonly accepts: (value: unknown) => boolean;
  readonly wanted: string;
}

const halvable = [...stageNames, ...asideNames];

const rules: Record<keyof Settings, Rule> = {
  decodePasses: wholeNumber(1, 1000),
  storeCopies: wholeNumber(1, 1000),
  readRowsPerSecond: {
    accepts: (value) => value === null || (typeof value === "number" && Number.isFinite(value) && value > 0),
    wanted: "a number above 0, or null",
  },
  scoring: {
    accepts: (value) => scoringNames.some((name) => name === value),
    wanted: `one of ${scoringNames.join(", ")}`,
  },
  scoreThreads: wholeNumber(1, 64),
  scorePasses: wholeNumber(1, 1000),
  remoteSlots: wholeNumber(1, 64),
  remoteMs: {
    accepts: (value) => typeof value === "number" && value >= 0 && value <= 10_000,
    wanted: "a number of milliseconds from 0 to 10000",
  },
  boardPasses: wholeNumber(0, 1000),
  recentFlights: wholeNumber(0, 10_000_000),
  recentCopies: wholeNumber(1, 1000),
  heapMb: {
    accepts: (value) => value === null || wholeNumber(32, 1_000_000).accepts(value),
    wanted: "a whole number of megabytes from 32 to 1000000, or null",
  },
  halved: {
    accepts: (value) => value === null || halvable.some((name) => name === value),
    wanted: `null or one of ${halvable.join(", ")}`,
  },
};

function wholeNumber(least: number, most: number): Rule {
  return {
    accepts: (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
    wanted: `a whole number from ${least} to ${most}`,
  };
}

/**
 * Settings from the text of a `settings.json`; what it leaves out has its default.
 *
 * @param name - what the errors call the text
 * @throws Failure if the text is not a JSON object, or a setting is unknown or has a wrong value
 */
export function parseSettings(text: string, name: string): Settings {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw new Failure(`${name} is not JSON (${firstLine(cause)})`, { cause });
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new Failure(`${name} must hold one JSON object, such as { "storeCopies": 1 }`);
  }
  for (const [key, value] of Object.entries(given)) {
    const rule = Object.hasOwn(rules, key) ? rules[key as keyof Settings] : undefined;
    if (rule === undefined) {
      throw new Failure(`${name}: there is no setting "${key}"; the settings are ${Object.keys(rules).join(", ")}`);
    }
    if (!rule.accepts(value)) {
      throw new Failure(`${name}: "${key}" must be ${rule.wanted}, got ${JSON.stringify(value)}`);
    }
  }
  return { ...defaultSettings, ...given };
}

/**
 * The settings in a file, or the defaults if there is no such file.
 *
 * @throws Failure if the file cannot be read or makes no sense
 */
export async function readSettings(path: string): Promise<Settings> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return defaultSettings;
    throw new Failure(`cannot read ${path} (${firstLine(cause)})`, { cause });
  }
  return parseSettings(text, path);
}

/** Node's own options that the settings ask for. */
export function nodeOptions({ heapMb }: Pick<Settings, "heapMb">): string[] {
  return heapMb === null ? [] : [`--max-old-space-size=${heapMb}`];
}

/**
 * @param given - the options that Node was started with
 * @throws Failure if the settings ask for others
 */
export function checkNodeOptions(settings: Pick<Settings, "heapMb">, given: readonly string[]): void {
  const missing = nodeOptions(settings).filter((option) => !given.includes(option));
  if (missing.length > 0) {
    throw new Failure(`the settings ask for another heap: start it by node ${missing.join(" ")} src/main.ts`);
  }
}
