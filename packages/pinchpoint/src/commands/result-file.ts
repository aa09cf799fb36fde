import { closeSync, existsSync, openSync, rmSync, statSync, writeFileSync } from "node:fs";
import { UsageError } from "../usage-error.ts";
import { fileProblem } from "./file-problem.ts";

/** @throws UsageError if the file cannot be written: better before a run of an hour than after it */
export function checkWritable(file: string, option: string): void {
  try {
    const isNew = !existsSync(file);
    // Opening a pipe would wait for its reader.
    if (!isNew && !statSync(file).isFile() && !statSync(file).isDirectory()) return;
    closeSync(openSync(file, "a"));
    if (isNew) rmSync(file);
  } catch (cause) {
    throw new UsageError(`cannot write ${file} (${option}): ${fileProblem(cause)}.`, { cause });
  }
}

/** The command has ended and its exit code is to be kept: a failure is said, not thrown. */
export function writeResult(file: string, text: string, say: (text: string) => void): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    say(`pinchpoint: could not write ${file}: ${fileProblem(error)}.\n`);
  }
}
