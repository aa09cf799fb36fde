import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { doctor } from "./commands/doctor.ts";
import { explain } from "./commands/explain.ts";
import { HELP } from "./commands/help.ts";
import { type Ending, run } from "./commands/run.ts";
import { UsageError } from "./usage-error.ts";

const COMMANDS: ReadonlySet<string> = new Set(["run", "explain", "doctor"]);

/** The program: what the words after its name ask for. Sets the exit code. */
export async function main(words: readonly string[]): Promise<void> {
  // Whoever reads us may stop reading (`| head`); that is no failure.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  try {
    endWith(await dispatch(words));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`pinchpoint: ${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}

async function dispatch([command, ...words]: readonly string[]): Promise<Ending> {
  if (command === "--version" || command === "-v") {
    process.stdout.write(`${version()}\n`);
    return { code: 0 };
  }
  const asksForHelp = command === "--help" || command === "-h" || command === "help";
  if (asksForHelp || (COMMANDS.has(command ?? "") && isHelpWanted(words))) {
    process.stdout.write(HELP);
    return { code: 0 };
  }
  if (command === "run") {
    return run(words, {
      environment: process.env,
      say: (text) => void process.stderr.write(text),
      isTerminal: process.stderr.isTTY === true,
    });
  }
  if (command === "explain") {
    process.stdout.write(explain(words));
    return { code: 0 };
  }
  if (command === "doctor") {
    const { text, code } = await doctor(words, version(), process.env);
    process.stdout.write(text);
    return { code };
  }
  const given = command === undefined ? "give a command" : `unknown command "${command}"`;
  throw new UsageError(
    `${given}: pinchpoint run -- node app.js, pinchpoint explain FILE, pinchpoint doctor, or pinchpoint --help.`,
  );
}

function isHelpWanted([first]: readonly string[]): boolean {
  return first === "--help" || first === "-h";
}

function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Signals whose default is a core dump; there is nothing of interest in ours. */
const DUMPING = new Set<NodeJS.Signals>([
  "SIGQUIT",
  "SIGILL",
  "SIGTRAP",
  "SIGABRT",
  "SIGBUS",
  "SIGFPE",
  "SIGSEGV",
  "SIGXCPU",
  "SIGXFSZ",
  "SIGSYS",
]);

/** Ends as the command did: who waits for us sees the same status, by a signal too. */
function endWith(ending: Ending): void {
  if ("code" in ending) {
    process.exitCode = ending.code;
    return;
  }
  // As a shell says it; it also holds where the signal does not end us, as in a container's first process.
  process.exitCode = 128 + constants.signals[ending.signal];
  if (!DUMPING.has(ending.signal)) process.kill(process.pid, ending.signal);
}
