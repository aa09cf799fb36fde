// Runs one program of an experiment and tells what it found: node program-entry.ts FILE EXPERIMENT PROGRAM
import { writeSync } from "node:fs";
import type { Experiment } from "./experiment.ts";

const [file, experimentName, programName] = process.argv.slice(2);
const { experiments } = (await import(`./cases/${file}.ts`)) as { readonly experiments: readonly Experiment[] };
const program = experiments
  .find(({ name }) => name === experimentName)
  ?.programs.find(({ name }) => name === programName);
if (program === undefined) throw new Error(`cases/${file}.ts has no program "${programName}" in "${experimentName}"`);
const measured = await program.measure();
writeSync(1, `\n${JSON.stringify(measured)}\n`);
// What was loaded may have opened sockets and timers, which are nobody's business any more.
process.exit(0);
