// What a preload adds to a process, from its start to its end: CPU of all threads.
import { join } from "node:path";
import { ApplicationProcess } from "../application-process.ts";
import { BARE, type Experiment, type Kept, type Measured, type Program } from "../experiment.ts";
import { autoInstrumentations, ddTrace, NO_PRELOAD, PINCHPOINT, type Preload } from "../preloads.ts";
import { freePort, scrapedPage } from "../scraped-page.ts";
import { sampleSum } from "./prom-client.ts";

const APPLICATION = join(import.meta.dirname, "../applications/started.js");
const ITEMS = 20;
const STREAMS = 3;
/** Processes of a program, of which the median counts. */
const PROCESSES = 3;

const OURS = "pinchpoint/register";
const AUTO = "auto-instrumentations-node/register";
const DATADOG = "dd-trace/init, which has no page";
const IDLE = "pinchpoint/register, nothing recorded";
const OWN_VARIABLE = "PINCHPOINT_DISABLED=true";
const SDK_VARIABLE = "OTEL_SDK_DISABLED=true";

export const experiments: readonly Experiment[] = [
  {
    name: "with a page",
    rounds: 7,
    programs: [
      { name: BARE, measure: () => measured(BARE, NO_PRELOAD, ITEMS) },
      { name: OURS, measure: () => measured(OURS, PINCHPOINT, ITEMS, itemsOnPage) },
      { name: AUTO, measure: () => measured(AUTO, autoInstrumentations(), ITEMS, loopOnPage) },
      { name: DATADOG, measure: () => measured(DATADOG, ddTrace(), ITEMS) },
    ],
    claims: [
      {
        name: "start-up, CPU added to an application with a pipeline whose page is scraped once",
        unit: "ms",
        ours: OURS,
        bare: BARE,
        peers: [AUTO, DATADOG],
        target: { against: AUTO, atMost: 0.25 },
        isAdded: true,
      },
    ],
  },
  {
    name: "nothing to record",
    rounds: 7,
    programs: [
      { name: BARE, measure: () => measured(BARE, NO_PRELOAD, 0) },
      { name: IDLE, measure: () => measured(IDLE, PINCHPOINT, 0) },
      disabled(OWN_VARIABLE, { PINCHPOINT_DISABLED: "true" }),
      disabled(SDK_VARIABLE, { OTEL_SDK_DISABLED: "true" }),
    ],
    claims: [IDLE, OWN_VARIABLE, SDK_VARIABLE].map((ours) => ({
      name: `start-up, CPU added to an application without a pipeline, ${ours}`,
      unit: "ms",
      ours,
      bare: BARE,
      isAdded: true,
    })),
  },
];

function disabled(name: string, variables: NodeJS.ProcessEnv): Program {
  return { name, measure: () => measured(name, { ...PINCHPOINT, environment: () => variables }, 0) };
}

/** What was recorded, by the page. */
type Look = (page: string) => Kept;

function itemsOnPage(page: string): Kept {
  return { what: "items", done: STREAMS * ITEMS, recorded: sampleSum(page, "pinchpoint_stage_items_total") };
}

/** It records no streams: what it has of such an application is its event loop. */
function loopOnPage(page: string): Kept {
  return { what: "metrics of the loop", done: 1, recorded: page.includes("\nnodejs_eventloop_utilization{") ? 1 : 0 };
}

/** @param look - absent where nobody looks at a page */
async function measured(name: string, preload: Preload, items: number, look?: Look): Promise<Measured> {
  const runs: Run[] = [];
  while (runs.length < PROCESSES) runs.push(await run(preload, items, look));
  const cpuMs = runs.map((one) => one.cpuMs).toSorted((a, b) => a - b);
  const isOurs =
    preload.words.includes(PINCHPOINT.words[1] as string) && name !== OWN_VARIABLE && name !== SDK_VARIABLE;
  return {
    values: { [name]: cpuMs[Math.floor(PROCESSES / 2)] as number },
    kept: runs.flatMap(({ isRecorded, kept }) => [
      { what: isOurs ? "recorders" : "processes without a recorder", done: 1, recorded: isRecorded === isOurs ? 1 : 0 },
      ...kept,
    ]),
  };
}

interface Run {
  readonly cpuMs: number;
  readonly isRecorded: boolean;
  readonly kept: readonly Kept[];
}

async function run({ words, environment }: Preload, items: number, look: Look | undefined): Promise<Run> {
  const port = await freePort();
  const command = [process.execPath, ...words, APPLICATION, String(items)];
  const application = new ApplicationProcess(command, process.cwd(), environment(port));
  try {
    const { isRecorded } = await application.said<{ readonly isRecorded: boolean }>();
    const kept = look === undefined ? [] : [look(await scrapedPage(port))];
    application.goOn();
    const { cpuMs } = await application.said<{ readonly cpuMs: number }>();
    await application.ended();
    return { cpuMs, isRecorded, kept };
  } finally {
    application.stop();
  }
}
