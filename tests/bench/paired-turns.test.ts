import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Lane } from "../../bench/src/lane.ts";
import { pairedTurns } from "../../bench/src/paired-turns.ts";
import type { TurnTaken } from "../../bench/src/turn.ts";

const TURNS = 10;
const TURN = join(import.meta.dirname, "../../bench/src/turn.ts");

test("two applications take turns, never at once, and are told apart whoever goes first", async () => {
  let running = 0;
  const ran: string[] = [];
  const taking = (name: string, wallMs: number) => ({
    turn: async () => {
      running += 1;
      expect(running).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      ran.push(name);
      return { wallMs, loopMs: 0, cpuMs: 0, isLast: false };
    },
  });
  const pairs = await pairedTurns(taking("bare", 1), taking("recorded", 2), 40);
  expect(pairs.map((pair) => pair.map(({ wallMs }) => wallMs))).toEqual(Array.from({ length: 40 }, () => [1, 2]));
  for (let pair = 0; pair < 40; pair++) {
    expect(ran.slice(2 * pair, 2 * pair + 2).toSorted()).toEqual(["bare", "recorded"]);
  }
});

test.for([
  ["until it is its turn", ""],
  ["after it has touched process.stdin, too", "process.stdin;"],
])("an application stands still %s", async ([, touch]) => {
  const code = `
    const { Turn } = await import(${JSON.stringify(TURN)});
    ${touch}
    for (let nth = 1; nth <= ${TURNS}; nth++) {
      const turn = Turn.awaited();
      const endMs = performance.now() + 3;
      while (performance.now() < endMs);
      turn.end(nth === ${TURNS});
    }
    process.exit();
  `;
  const lane = new Lane([process.execPath, "--input-type=module", "-e", code], tmpdir(), {});
  const turns: TurnTaken[] = [];
  while (!lane.isOver) turns.push(await lane.turn());
  expect(turns).toHaveLength(TURNS);
  for (const { wallMs } of turns) expect(wallMs).toBeGreaterThanOrEqual(3);
  expect(lane.wallMs).toBe(turns.reduce((sum, { wallMs }) => sum + wallMs, 0));
});
