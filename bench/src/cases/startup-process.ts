// What a preload adds to a process, from its start to its end: CPU of all threads.
import { join } from "node:path";
import { ApplicationProcess } from "../application-process.ts";
import { BARE, type Experiment, type Kept, type Measured, type Program } from "../experiment.ts";
import {
  autoInstrumentations,
  ddTrace,
  disabledPinchpoint,
  NO_PRELOAD,
  PINCHPOINT,
  type Preload,
  runsAlone,
} from "../preloads.ts";
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
      disabled(OWN_VARIABLE, "PINCHPOINT_DISABLED"),
      disabled(SDK_VARIABLE, "OTEL_SDK_DISABLED"),
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

function disabled(name: string, variable: string): Program {
  return { name, measure: () => measured(name, disabledPinchpoint(variable), 0) };
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
  return {
    values: { [name]: cpuMs[Math.floor(PROCESSES / 2)] as number },
    kept: runs.flatMap(({ kept }) => kept),
  };
}

interface Run {
  readonly cpuMs: number;
  readonly kept: readonly Kept[];
}

async function run(preload: Preload, items: number, look: Look | undefined): Promise<Run> {
  const { words, environment } = preload;
  const port = await freePort();
  const command = [process.execPath, ...words, APPLICATION, String(items)];
  const application = new ApplicationProcess(command, process.cwd(), environment(port));
  try {
    const { globals } = await application.said<{ readonly globals: readonly string[] }>();
    const kept = [runsAlone(preload, globals), ...(look === undefined ? [] : [look(await scrapedPage(port))])];
    application.goOn();
    const { cpuMs } = await application.said<{ readonly cpuMs: number }>();
    await application.ended();
    return { cpuMs, kept };
  } finally {
    application.stop();
  }
}
