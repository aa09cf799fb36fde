import { Failure } from "./failure.ts";
import { type Connect, processFlights } from "./flow.ts";
import { parseOptions, usage } from "./options.ts";
import { checkNodeOptions, readSettings } from "./settings.ts";

/** What the command line asks for; sets the exit code. */
export async function runCommand(argv: readonly string[], connect: Connect): Promise<void> {
  try {
    await run(argv, connect);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`flight-features: ${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}

async function run(argv: readonly string[], connect: Connect): Promise<void> {
  const options = parseOptions(argv);
  if (options.asksForHelp) {
    process.stdout.write(usage);
    return;
  }
  const settings = await readSettings("settings.json");
  checkNodeOptions(settings, process.execArgv);
  const isTerminal = process.stderr.isTTY;
  const show = (line: string): void => {
    if (!options.isQuiet) process.stderr.write(isTerminal ? `\r${line}\u001b[K` : `${line}\n`);
  };
  await processFlights(options, settings, connect, show);
  if (isTerminal && !options.isQuiet) process.stderr.write("\n");
}
