import { parseArgs } from "node:util";

/** How the flight example is recorded: by the preload alone, which hands over to a folder; or under `pinchpoint run`. */
export type Way = "preload" | "run";

export interface Command {
  /** The groups that are to run, in this order. */
  readonly groups: readonly string[];
  readonly jsonFile: string | undefined;
  readonly way: Way;
  readonly mostPairs: number;
}

/**
 * What `npm run bench -- GROUP [--json FILE] [--under preload|run] [--most PAIRS]` asks for; the last two are for
 * `overhead`.
 *
 * @param known - groups that there are
 * @param all - those of them that `all` means
 * @throws Error saying what is wrong with the words, and what they may be
 */
export function commandOf(words: readonly string[], known: readonly string[], all: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      json: { type: "string" },
      under: { type: "string", default: "preload" },
      most: { type: "string", default: "400" },
    },
  });
  const [name, more] = positionals;
  const choices = [...known, "all"].join(", ");
  if (name === undefined) throw new Error(`say which group: ${choices}`);
  if (more !== undefined) throw new Error(`say one group, not "${positionals.join(" ")}": ${choices}`);
  if (name !== "all" && !known.includes(name)) throw new Error(`there is no group "${name}": ${choices}`);
  if (values.json === "") throw new Error("--json needs the name of a file");
  return {
    groups: name === "all" ? all : [name],
    jsonFile: values.json,
    way: wayOf(values.under),
    mostPairs: mostPairsOf(values.most),
  };
}

function wayOf(text: string): Way {
  if (text !== "preload" && text !== "run") throw new Error(`--under must be preload or run, got "${text}"`);
  return text;
}

function mostPairsOf(text: string): number {
  const pairs = Number(text);
  if (!Number.isInteger(pairs) || pairs < 10) {
    throw new Error(`--most must be a whole number from 10 on, got "${text}"`);
  }
  return pairs;
}
