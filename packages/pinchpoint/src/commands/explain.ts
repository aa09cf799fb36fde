import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { judge, parseRecording, type Recording, RecordingError, renderVerdict } from "@pinchpoint/verdict";
import { UsageError } from "../usage-error.ts";
import { strictly } from "./arguments.ts";
import { fileProblem } from "./file-problem.ts";

/**
 * `pinchpoint explain FILE [--json]`.
 *
 * @returns what goes to stdout
 * @throws UsageError where the file is no recording
 */
export function explain(words: readonly string[]): string {
  const { values, positionals } = strictly("explain", () =>
    parseArgs({ args: [...words], options: { json: { type: "boolean" } }, allowPositionals: true }),
  );
  const [file, ...others] = positionals;
  if (file === undefined || file === "" || others.length > 0) {
    throw new UsageError(`give one recording to explain, got ${positionals.length}: pinchpoint explain FILE`);
  }
  const verdicts = judge(readRecording(file));
  if (values.json === true) return `${JSON.stringify(verdicts[0], null, 2)}\n`;
  return verdicts.map((verdict) => renderVerdict(verdict, { ansi: process.stdout.isTTY === true })).join("\n");
}

function readRecording(file: string): Recording {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new UsageError(`cannot read ${file}: ${fileProblem(cause)}.`, { exitCode: 1, cause });
  }
  try {
    return parseRecording(text);
  } catch (cause) {
    if (!(cause instanceof RecordingError)) throw cause;
    throw new UsageError(`${file}: ${cause.message}`, { exitCode: 1, cause });
  }
}
