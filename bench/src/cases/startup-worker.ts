// What a preload adds to each worker thread: CPU until it has started, and memory while it lives.
import { join } from "node:path";
import { ApplicationProcess } from "../application-process.ts";
import { BARE, type Claim, type Experiment, type Kept, LIMIT, type Measured } from "../experiment.ts";
import { autoInstrumentations, NO_PRELOAD, PINCHPOINT, type Preload } from "../preloads.ts";
import { freePort, scrapedPage } from "../scraped-page.ts";
import { sampleSum } from "./prom-client.ts";

const APPLICATION = join(import.meta.dirname, "../applications/living-workers.js");
const WORKERS = 8;
const STREAMS = 3;
const BYTES_OF_MB = 1e6;

const OURS = "pinchpoint/register";
const AUTO = "auto-instrumentations-node/register";
const cpuOf = (name: string) => `${name}, CPU`;
const memoryOf = (name: string) => `${name}, memory`;

export const experiments: readonly Experiment[] = [
  {
    name: "workers that record",
    rounds: 5,
    programs: [
      { name: BARE, measure: () => measured(BARE, NO_PRELOAD, 20) },
      { name: OURS, measure: () => measured(OURS, PINCHPOINT, 20, recordedByAll(20)) },
      { name: AUTO, measure: () => measured(AUTO, autoInstrumentations(), 20) },
    ],
    claims: claims("with a pipeline that is recorded", [AUTO]),
  },
  {
    name: "workers that do nothing",
    rounds: 5,
    programs: [
      { name: BARE, measure: () => measured(BARE, NO_PRELOAD, 0) },
      { name: OURS, measure: () => measured(OURS, PINCHPOINT, 0, recordedByAll(0)) },
    ],
    claims: claims("that records nothing", []),
  },
];

function claims(which: string, peers: readonly string[]): readonly Claim[] {
  const base = { isAdded: true, isGate: true } as const;
  return [
    {
      ...base,
      name: `CPU added to the start of a worker thread ${which}`,
      unit: "ms",
      ours: cpuOf(OURS),
      bare: cpuOf(BARE),
      peers: peers.map(cpuOf),
      target: { against: LIMIT, atMost: 30 },
    },
    {
      ...base,
      name: `memory added by a worker thread ${which}`,
      unit: "MB",
      ours: memoryOf(OURS),
      bare: memoryOf(BARE),
      peers: peers.map(memoryOf),
      target: { against: LIMIT, atMost: 4 },
    },
  ];
}

type Look = (page: string) => readonly Kept[];

/** Also those that recorded nothing have a slot; the main thread has had one item, and one worker came before. */
function recordedByAll(items: number): Look {
  return (page) => [
    {
      what: "items",
      done: STREAMS * (1 + (1 + WORKERS) * items),
      recorded: sampleSum(page, "pinchpoint_stage_items_total"),
    },
    { what: "threads", done: 2 + WORKERS, recorded: sampleSum(page, "pinchpoint_threads_in_use") },
  ];
}

/** @param look - absent where nobody looks at a page */
async function measured(name: string, preload: Preload, items: number, look?: Look): Promise<Measured> {
  const port = await freePort();
  const words = [...preload.words, "--expose-gc", APPLICATION, String(WORKERS), String(items)];
  const application = new ApplicationProcess([process.execPath, ...words], process.cwd(), preload.environment(port));
  try {
    const { cpuMs, bytes } = await application.said<{ readonly cpuMs: number; readonly bytes: number }>();
    const kept = look === undefined ? [] : look(await scrapedPage(port));
    application.goOn();
    await application.ended();
    return { values: { [cpuOf(name)]: cpuMs, [memoryOf(name)]: bytes / BYTES_OF_MB }, kept };
  } finally {
    application.stop();
  }
}
