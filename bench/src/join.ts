import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lane } from "./lane.ts";
import { type PseudoMedian, pseudoMedian } from "./pseudo-median.ts";

const APPLICATION = join(import.meta.dirname, "requests-in-turns.ts");
const PRELOAD = join(import.meta.dirname, "../../packages/pinchpoint/lib/register.cjs");
const CONTENT = join(import.meta.dirname, "../../LICENSE");
/** About half a second of them. */
const REQUESTS_OF_TURN = 1000;
/** Turns of each lane that nobody counts, of each kind of answer: code is compiled, and habits form. */
const TURNS_AT_FIRST = 4;
const PAIRS = 40;
/** A file to a transform, and that to the response. */
const JOINS_OF_REQUEST = 2;

/** CPU time of the main thread, in microseconds, of the same requests without and with the preload. */
export interface RequestCost {
  /** Median of the turns. */
  readonly bareMicroseconds: number;
  readonly recordedMicroseconds: number;
  /** What the preload adds, by pairs of turns that stood next to each other. */
  readonly added: PseudoMedian;
}

export interface JoinCost {
  readonly pairs: number;
  readonly requests: number;
  readonly joinsOfRequest: number;
  /** An answer that is there, without any stream. */
  readonly whole: RequestCost;
  /** The same answer, read from a file and piped through a transform. */
  readonly piped: RequestCost;
  /** What the streams of a request add, for each join. */
  readonly joinMicroseconds: PseudoMedian;
}

type Kind = "whole" | "piped";

/** A server with and without the preload, in turns; which of them goes first is drawn for each pair. */
export async function measureJoin(): Promise<JoinCost> {
  const folder = mkdtempSync(join(tmpdir(), "pinchpoint-bench-"));
  const turns = 2 * (TURNS_AT_FIRST + PAIRS);
  const command = [process.execPath, APPLICATION, CONTENT, String(turns), String(REQUESTS_OF_TURN)];
  const bare = new Lane(command, folder, {});
  const recorded = new Lane(command, folder, {
    NODE_OPTIONS: `--require ${JSON.stringify(PRELOAD)}`,
    PINCHPOINT_PORT: "off",
    PINCHPOINT_HANDOVER: folder,
  });
  const taken: Record<Kind, (readonly [number, number])[]> = { whole: [], piped: [] };
  try {
    for (let turn = 1; turn <= turns; turn++) {
      const [withoutIt, withIt] = await pairOf(bare, recorded);
      const pair = [microseconds(withoutIt), microseconds(withIt)] as const;
      if (turn > 2 * TURNS_AT_FIRST) taken[turn % 2 === 0 ? "whole" : "piped"].push(pair);
    }
  } finally {
    for (const lane of [bare, recorded]) lane.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const [whole, piped] = [addedTo(taken.whole), addedTo(taken.piped)];
  return {
    pairs: PAIRS,
    requests: REQUESTS_OF_TURN,
    joinsOfRequest: JOINS_OF_REQUEST,
    whole: costOf(taken.whole),
    piped: costOf(taken.piped),
    joinMicroseconds: pseudoMedian(piped.map((added, at) => (added - (whole[at] as number)) / JOINS_OF_REQUEST)),
  };
}

/** CPU time of the main threads in one turn of each, in milliseconds. */
async function pairOf(bare: Lane, recorded: Lane): Promise<readonly [number, number]> {
  const before = [bare.loopMs, recorded.loopMs] as const;
  const order = Math.random() < 0.5 ? [bare, recorded] : [recorded, bare];
  for (const lane of order) await lane.turn();
  return [bare.loopMs - before[0], recorded.loopMs - before[1]];
}

function microseconds(turnMs: number): number {
  return (1000 * turnMs) / REQUESTS_OF_TURN;
}

function addedTo(pairs: readonly (readonly [number, number])[]): readonly number[] {
  return pairs.map(([without, withIt]) => withIt - without);
}

function costOf(pairs: readonly (readonly [number, number])[]): RequestCost {
  return {
    bareMicroseconds: median(pairs.map(([without]) => without)),
    recordedMicroseconds: median(pairs.map(([, withIt]) => withIt)),
    added: pseudoMedian(addedTo(pairs)),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
