import type { Lane } from "./lane.ts";
import type { TurnTaken } from "./turn.ts";

type Taking = Pick<Lane, "turn">;
export type TurnPair = readonly [bare: TurnTaken, recorded: TurnTaken];

/** Turns of two applications, side by side; which of them goes first is drawn for each pair. */
export async function pairedTurns(bare: Taking, recorded: Taking, turns: number): Promise<readonly TurnPair[]> {
  const pairs: TurnPair[] = [];
  while (pairs.length < turns) {
    const isBareFirst = Math.random() < 0.5;
    const first = await (isBareFirst ? bare : recorded).turn();
    const second = await (isBareFirst ? recorded : bare).turn();
    pairs.push(isBareFirst ? [first, second] : [second, first]);
  }
  return pairs;
}
