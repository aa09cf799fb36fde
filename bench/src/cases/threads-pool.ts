// Tasks of a pool, bare and recorded by the preload, in turns of half a second: such tasks take threads that wait for each
// other, and how fast they do is what a machine that others share changes most.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BARE, type Claim, type Experiment, type Kept, type Measured } from "../experiment.ts";
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
const TASK = "a Piscina task of 50 µs of work";
const THROUGHPUT = "by the wall clock: throughput of one worker";

const cpu: Claim = { name: `${TASK}, CPU of all threads`, unit: "µs", ours: OURS_CPU, bare: BARE_CPU };
const time: Claim = { name: `${TASK}, ${THROUGHPUT}`, unit: "µs", ours: OURS_TIME, bare: BARE_TIME };
const gate = { target: { against: BARE, atMost: 1.05 }, isGate: true } as const;

export const experiments: readonly Experiment[] = [
  {
    name: "tasks of a pool",
    rounds: 5,
    programs: [{ name: "in turns", measure: () => inTurns(null) }],
    claims: [
      { ...cpu, ...gate },
      { ...time, ...gate },
    ],
  },
  {
    name: "traced tasks of a pool",
    rounds: 3,
    programs: [{ name: "in turns", measure: () => inTurns("spans.json") }],
    claims: [
      { ...cpu, name: `${TASK} within a span of the application's SDK, CPU of all threads` },
      { ...time, name: `${TASK} within a span of the application's SDK, ${THROUGHPUT}` },
    ],
  },
];

/** @param spansFile - where the recorded application tells of its spans; null where nobody keeps any */
async function inTurns(spansFile: string | null): Promise<Measured> {
  const folder = process.cwd();
  const turns = TURNS_AT_FIRST + TURNS;
  const command = [process.execPath, APPLICATION, String(turns), String(TASKS_OF_TURN)];
  const wordsOf = (name: string) => (spansFile === null ? [] : [`${name}-${spansFile}`]);
  const bare = new Lane([...command, ...wordsOf("bare")], folder, {});
  const recorded = new Lane([...command, ...wordsOf("recorded")], folder, recordedEnvironment(folder));
  try {
    const pairs = (await pairedTurns(bare, recorded, turns)).slice(TURNS_AT_FIRST);
    const tasks = turns * TASKS_OF_TURN;
    return {
      values: {
        [BARE_CPU]: taskMicroseconds(pairs, 0, "cpuMs"),
        [OURS_CPU]: taskMicroseconds(pairs, 1, "cpuMs"),
        [BARE_TIME]: taskMicroseconds(pairs, 0, "wallMs"),
        [OURS_TIME]: taskMicroseconds(pairs, 1, "wallMs"),
      },
      kept: [
        { what: "tasks", done: tasks, recorded: tasksIn(folder) },
        ...(spansFile === null ? [] : spansKept(join(folder, `recorded-${spansFile}`), tasks)),
      ],
    };
  } finally {
    for (const lane of [bare, recorded]) lane.stop();
  }
}

function tasksIn(folder: string): number {
  const recording = handedOver(folder);
  return recording === null ? 0 : itemsOf(recording, ({ name }) => name === STAGE);
}

/**
 * Each task has a span in the main thread, of the same name as the one that its worker makes: of those, there are only as many
 * as a ring holds between two looks at it, and the others are counted as lost.
 */
function spansKept(file: string, tasks: number): readonly Kept[] {
  const ended = JSON.parse(readFileSync(file, "utf8"));
  return [
    { what: "requests", done: tasks, recorded: ended.request ?? 0 },
    { what: "spans of tasks", done: tasks, recorded: Math.min(tasks, ended[STAGE] ?? 0) },
  ];
}

/** The median of the turns, of one side of the pairs. */
function taskMicroseconds(pairs: readonly TurnPair[], side: 0 | 1, what: keyof TurnTaken & `${string}Ms`): number {
  const turnsMs = pairs.map((pair) => pair[side][what]).toSorted((a, b) => a - b);
  return (1000 * (turnsMs[Math.floor(turnsMs.length / 2)] as number)) / TASKS_OF_TURN;
}
