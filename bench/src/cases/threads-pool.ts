// Tasks of a pool, bare and recorded by the preload, in turns of half a second: such tasks take threads that wait for each
// other, and how fast they do is what a machine that others share changes most.
import { join } from "node:path";
import { BARE, type Experiment, type Measured } from "../experiment.ts";
import { handedOver, itemsOf } from "../handed-over.ts";
import { Lane } from "../lane.ts";
import { pairedTurns, type TurnPair } from "../paired-turns.ts";
import { recordedEnvironment } from "../program-process.ts";
import type { TurnTaken } from "../turn.ts";

const APPLICATION = join(import.meta.dirname, "../applications/tasks-in-turns.ts");
/** Tasks that no stage of the application's asked for belong to one that is named after the file of the pool's workers. */
const STAGE = "spinning-task.ts";
const TASKS_OF_TURN = 8000;
/** Turns that nobody counts: code is compiled, and habits form. */
const TURNS_AT_FIRST = 3;
const TURNS = 13;

const OURS_CPU = "CPU, recorded";
const BARE_CPU = "CPU, bare";
const OURS_TIME = "time, recorded";
const BARE_TIME = "time, bare";

export const experiments: readonly Experiment[] = [
  {
    name: "tasks of a pool",
    rounds: 5,
    programs: [{ name: "in turns", measure: inTurns }],
    claims: [
      {
        name: "a Piscina task of 50 µs of work, CPU of all threads",
        unit: "µs",
        ours: OURS_CPU,
        bare: BARE_CPU,
        target: { against: BARE, atMost: 1.05 },
        isGate: true,
      },
      {
        name: "a Piscina task of 50 µs of work, by the wall clock: throughput of one worker",
        unit: "µs",
        ours: OURS_TIME,
        bare: BARE_TIME,
        target: { against: BARE, atMost: 1.05 },
        isGate: true,
      },
    ],
  },
];

async function inTurns(): Promise<Measured> {
  const folder = process.cwd();
  const turns = TURNS_AT_FIRST + TURNS;
  const command = [process.execPath, APPLICATION, String(turns), String(TASKS_OF_TURN)];
  const bare = new Lane(command, folder, {});
  const recorded = new Lane(command, folder, recordedEnvironment(folder));
  try {
    const pairs = (await pairedTurns(bare, recorded, turns)).slice(TURNS_AT_FIRST);
    const recording = handedOver(folder);
    const items = recording === null ? 0 : itemsOf(recording, ({ name }) => name === STAGE);
    return {
      values: {
        [BARE_CPU]: taskMicroseconds(pairs, 0, "cpuMs"),
        [OURS_CPU]: taskMicroseconds(pairs, 1, "cpuMs"),
        [BARE_TIME]: taskMicroseconds(pairs, 0, "wallMs"),
        [OURS_TIME]: taskMicroseconds(pairs, 1, "wallMs"),
      },
      kept: [{ what: "tasks", done: turns * TASKS_OF_TURN, recorded: items }],
    };
  } finally {
    for (const lane of [bare, recorded]) lane.stop();
  }
}

/** The median of the turns, of one side of the pairs. */
function taskMicroseconds(pairs: readonly TurnPair[], side: 0 | 1, what: keyof TurnTaken & `${string}Ms`): number {
  const turnsMs = pairs.map((pair) => pair[side][what]).toSorted((a, b) => a - b);
  return (1000 * (turnsMs[Math.floor(turnsMs.length / 2)] as number)) / TASKS_OF_TURN;
}
