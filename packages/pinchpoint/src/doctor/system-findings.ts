import { type Finding, note, ok, problem } from "./finding.ts";

export interface SystemFacts {
  readonly platform: NodeJS.Platform;
  /** Cores that a process may use, by affinity and quota. */
  readonly cores: number;
  /** Cores of the machine. */
  readonly machineCores: number;
  /** Whether CPU time and run-queue wait of a thread can be read. */
  readonly hasThreadTimes: boolean;
  /** Why no file can be written where processes hand over; null where it can. */
  readonly folderProblem: string | null;
  readonly temporaryFolder: string;
}

/** What the system tells and allows. */
export function systemFindings(facts: SystemFacts): Finding[] {
  const { platform, cores, machineCores, hasThreadTimes, folderProblem, temporaryFolder } = facts;
  const share =
    cores < machineCores ? `${amount(cores)} of ${machineCores} cores (affinity or quota)` : `${cores} cores`;
  return [
    hasThreadTimes
      ? ok("machine", `${share}; each thread's CPU time and its wait for a core can be read`)
      : note(
          "machine",
          `${share}; no thread's CPU time can be read: a shortage of cores looks like slow code`,
          platform === "linux" ? "mount /proc, with schedstat" : "record on Linux where that matters",
        ),
    folderProblem === null
      ? ok("hand-over", `through ${temporaryFolder}`)
      : problem("hand-over", `${temporaryFolder} cannot be written: ${folderProblem}`, "set TMPDIR to another folder"),
  ];
}

function amount(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}
