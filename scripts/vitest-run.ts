import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandResult, runCommand } from "./run-command.ts";
import { emptyTally, sumOf, type Tally } from "./tally.ts";

export interface VitestRun {
  /** Options and filters besides those that every run has. */
  readonly words: readonly string[];
  /** Whether its output is shown while it runs. */
  readonly isShown: boolean;
  readonly limitMs: number;
}

const oneFailed: Tally = { ...emptyTally, failed: 1 };

/** Runs the tests, and counts them. Also a run that found no test, or that broke outside of every test, has failed. */
export async function runVitest({
  words,
  isShown,
  limitMs,
}: VitestRun): Promise<{ readonly result: CommandResult; readonly tally: Tally }> {
  const folder = mkdtempSync(join(tmpdir(), "pinchpoint-test-"));
  const tallyFile = join(folder, "tally.json");
  try {
    const result = await runCommand(
      "vitest",
      ["run", `--reporter=${isShown ? "default" : "dot"}`, "--reporter=./scripts/vitest-report.ts", ...words],
      { env: { PINCHPOINT_TEST_TALLY: tallyFile }, limitMs, isShown },
    );
    const tests: Tally = existsSync(tallyFile) ? JSON.parse(readFileSync(tallyFile, "utf8")) : oneFailed;
    return { result, tally: result.hasPassed || tests.failed > 0 ? tests : sumOf([tests, oneFailed]) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
