// `for await` over what a stage pulls and runs.
import { openPipeline, STARVED, type StageRow } from "@pinchpoint/probe";
import { costOf } from "../cost.ts";
import { BARE, type Experiment, type Kept, type Measured } from "../experiment.ts";
import { COUNTED, ownRecorder, rowOf, SAMPLED } from "./own-recorder.ts";

const modes = { counted: COUNTED, sampled: SAMPLED } as const;
type Mode = keyof typeof modes;

export const experiments: readonly Experiment[] = [experiment("counted", 1.2), experiment("sampled", 1.8)];

/** Each mode by itself: where the one leaves nothing to be found, the other may still be measured. */
function experiment(mode: Mode, atMost: number): Experiment {
  return {
    name: `iterator, ${mode}`,
    rounds: 7,
    programs: [
      { name: BARE, measure: bare },
      { name: mode, measure: () => pulled(mode) },
    ],
    claims: [
      {
        name: `an item of an async iterator, ${mode}`,
        unit: "ns an item",
        ours: mode,
        bare: BARE,
        target: { against: BARE, atMost },
      },
    ],
  };
}

async function bare(): Promise<Measured> {
  const { nanoseconds } = await costOf(async (count) => {
    let seen = 0;
    const take = (item: number) => {
      seen += item;
    };
    for await (const item of items(count)) take(item);
    check(seen, count);
  });
  return { values: { [BARE]: nanoseconds }, kept: [] };
}

async function pulled(mode: Mode): Promise<Measured> {
  const recorder = ownRecorder(modes[mode]);
  const stage = openPipeline(recorder, "bench").stage("work");
  const { nanoseconds, times } = await costOf(async (count) => {
    let seen = 0;
    const take = (item: number) => {
      seen += item;
    };
    for await (const item of stage.pull(items(count))) stage.run(() => take(item));
    check(seen, count);
  });
  return { values: { [mode]: nanoseconds }, kept: keptOf(rowOf(recorder, "work"), mode, times) };
}

/** All that was taken has been counted; and where units are timed, some were. */
function keptOf(row: StageRow, mode: Mode, items: number): readonly Kept[] {
  const counted = { what: "items", done: items, recorded: row.units };
  if (mode === "counted") return [counted];
  return [counted, { what: "stages that starved", done: 1, recorded: (row.stateSeconds[STARVED] ?? 0) > 0 ? 1 : 0 }];
}

async function* items(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) yield 1;
}

function check(seen: number, count: number): void {
  if (seen !== count) throw new Error(`${seen} of ${count} items arrived`);
}
