// npm start [-- --pinch NAME] [-- --all] …: the flight example under Pinchpoint, and what limits it.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { pinchNames } from "../examples/flight-features/src/pinch.ts";
import { buildPackages } from "./build.ts";
import { applicationCommand, newFlightRun, pinchpointCommand, start } from "./flight-run.ts";
import { repositoryRoot } from "./run-command.ts";

const RUN_FOR = "20s";
const DEFAULT_PORT = "9464";

const usage = `usage: npm start [-- options]

  --pinch NAME    make a part really slower: ${pinchNames.join(", ")}
  --all           process all three million flights instead of stopping after ${RUN_FOR}
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
  const run = newFlightRun(options.pinch ?? null);
  try {
    console.error("Building …");
    const built = await buildPackages();
    if (!built.hasPassed) {
      console.error(built.output);
      return 1;
    }
    const port = options.port ?? DEFAULT_PORT;
    console.error(`Running examples/flight-features under Pinchpoint; metrics at http://127.0.0.1:${port}/metrics …`);
    const { exitCode } = await start(run, pinchpointCommand(runOptionsOf(options), applicationCommand(run, [])), true);
    const flights = run.acknowledged()?.rows ?? 0;
    console.log(`\n${flights.toLocaleString("en-US")} flights processed and stored.`);
    console.log(`While it ran, its metrics were at http://127.0.0.1:${port}/metrics.`);
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

function runOptionsOf(options: ReturnType<typeof optionsOf>): string[] {
  const { all, json, record, port } = options;
  // The run has a folder of its own: files that people name are meant from where they are.
  const file = (path: string) => resolve(process.env.INIT_CWD ?? repositoryRoot, path);
  return [
    ...(all ? [] : ["--for", RUN_FOR]),
    ...(json === undefined ? [] : ["--json", file(json)]),
    ...(record === undefined ? [] : ["--record", file(record)]),
    ...(port === undefined ? [] : ["--port", port]),
  ];
}
