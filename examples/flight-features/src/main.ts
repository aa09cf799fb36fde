import { Failure } from "./failure.ts";
import { processFlights } from "./flow.ts";
import { parseOptions, usage } from "./options.ts";
import { readSettings } from "./settings.ts";

async function main(argv: readonly string[]): Promise<void> {
  const options = parseOptions(argv);
  if (options.asksForHelp) {
    process.stdout.write(usage);
    return;
  }
  const settings = await readSettings("settings.json");
  const isTerminal = process.stderr.isTTY;
  const show = (line: string): void => {
    if (!options.isQuiet) process.stderr.write(isTerminal ? `\r${line}\u001b[K` : `${line}\n`);
  };
  await processFlights(options, settings, show);
  if (isTerminal && !options.isQuiet) process.stderr.write("\n");
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`flight-features: ${error.message}\n`);
  process.exitCode = error.exitCode;
}
