import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lane } from "./lane.ts";
import { pairedTurns } from "./paired-turns.ts";
import { recordedEnvironment } from "./program-process.ts";
import { type PseudoMedian, pseudoMedian } from "./pseudo-median.ts";

const APPLICATION = join(import.meta.dirname, "requests-in-turns.ts");
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
  const recorded = new Lane(command, folder, recordedEnvironment(folder));
  const taken: Record<Kind, (readonly [number, number])[]> = { whole: [], piped: [] };
  try {
    const pairs = (await pairedTurns(bare, recorded, turns)).slice(2 * TURNS_AT_FIRST);
    for (const [at, [withoutIt, withIt]] of pairs.entries()) {
      taken[at % 2 === 0 ? "piped" : "whole"].push([microseconds(withoutIt.loopMs), microseconds(withIt.loopMs)]);
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
