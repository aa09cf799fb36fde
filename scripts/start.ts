// npm start [-- --pinch NAME] [-- --all] …: the flight example under Pinchpoint, what limits it, and whether the advice
// on it comes true.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { pinchNames, pinchSettings } from "../examples/flight-features/src/pinch.ts";
import type { Settings } from "../examples/flight-features/src/settings.ts";
import { firstToFollow, outcomeInWords } from "./advice.ts";
import { buildPackages } from "./build.ts";
import { applicationCommand, newFlightRun, pinchpointCommand, start } from "./flight-run.ts";
import { type Judged, judgedRun } from "./judged-run.ts";
import { repositoryRoot } from "./run-command.ts";

const RUN_FOR = "20s";
const FOLLOW_FOR = "15s";
const DEFAULT_PORT = "9464";

const usage = `usage: npm start [-- options]

  --pinch NAME    make a part really slower: ${pinchNames.join(", ")}
  --all           process all three million flights instead of stopping after ${RUN_FOR}; no advice is tried
  --json FILE     write the verdict as JSON
  --record FILE   write the recording, for pinchpoint explain FILE
  --port N        serve /metrics on this port instead of ${DEFAULT_PORT}
  --help          this text`;

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`npm start: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}

async function main(): Promise<number> {
  const options = optionsOf(process.argv.slice(2));
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const settings = pinchSettings(options.pinch ?? "none");
  const run = newFlightRun(settings);
  try {
    console.error("Building …");
    const built = await buildPackages();
    if (!built.hasPassed) {
      console.error(built.output);
      return 1;
    }
    const port = options.port ?? DEFAULT_PORT;
    console.error(`Running examples/flight-features under Pinchpoint; metrics at http://127.0.0.1:${port}/metrics …`);
    const verdictFile = options.json === undefined ? run.path("verdict.json") : namedFile(options.json);
    const runOptions = runOptionsOf(options, verdictFile);
    const { exitCode } = await start(run, pinchpointCommand(runOptions, applicationCommand(run, [])), true);
    const flights = run.acknowledged()?.rows ?? 0;
    console.log(`\n${flights.toLocaleString("en-US")} flights processed and stored.`);
    console.log(`While it ran, its metrics were at http://127.0.0.1:${port}/metrics.`);
    if (exitCode === 0 && !options.all) await follow(JSON.parse(readFileSync(verdictFile, "utf8")), settings);
    console.log("Your own application: npx pinchpoint run -- node your-app.js");
    return exitCode;
  } finally {
    run.remove();
  }
}

function optionsOf(words: readonly string[]) {
  const { values } = parseArgs({
    args: [...words],
    options: {
      pinch: { type: "string" },
      all: { type: "boolean" },
      json: { type: "string" },
      record: { type: "string" },
      port: { type: "string" },
      help: { type: "boolean" },
    },
  });
  return values;
}

/** The application's settings are changed as the verdict advises, and it runs once more. */
async function follow(verdict: Judged, settings: Settings): Promise<void> {
  const before = verdict.throughput?.perSecond;
  if (before === undefined) return;
  const found = firstToFollow(verdict.actions, settings, before);
  if (found === null) {
    if (verdict.actions.length > 0) console.log("\nThe example has no setting for what is advised to gain anything.");
    return;
  }
  console.error(`\nFollowing the advice for ${FOLLOW_FOR}: ${found.advice.change} …`);
  const after = await judgedRun({ settings: found.settings, runFor: FOLLOW_FOR }, ({ throughput }) => throughput);
  if (after === null) console.log("It ended before its throughput was known.");
  else console.log(outcomeInWords(found.advice, before, after.perSecond));
}

/** The run has a folder of its own: files that people name are meant from where they are. */
function namedFile(path: string): string {
  return resolve(process.env.INIT_CWD ?? repositoryRoot, path);
}

function runOptionsOf(options: ReturnType<typeof optionsOf>, verdictFile: string): string[] {
  const { all, record, port } = options;
  return [
    ...(all ? [] : ["--for", RUN_FOR]),
    ...["--json", verdictFile],
    ...(record === undefined ? [] : ["--record", namedFile(record)]),
    ...(port === undefined ? [] : ["--port", port]),
  ];
}
