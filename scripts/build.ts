import { type CommandResult, runCommand } from "./run-command.ts";

/** Builds every package whose inputs changed; says nothing unless it fails. */
export function buildPackages(): Promise<CommandResult> {
  return runCommand("turbo", ["run", "build", "--output-logs=errors-only", "--log-prefix=none", "--cache=local:rw"], {
    env: { TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" },
  });
}

if (process.argv[1] === import.meta.filename) {
  const { hasPassed, output } = await buildPackages();
  if (!hasPassed) {
    console.error(output);
    process.exitCode = 1;
  }
}
