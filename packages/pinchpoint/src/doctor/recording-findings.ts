import type { Recording } from "@pinchpoint/verdict";
import { type Finding, note, ok, problem } from "./finding.ts";
import type { SelfTest } from "./self-test-run.ts";

const STAGES = ["doctor-source", "doctor-calls", "doctor-sink"];
const ITEMS = 100;
const ELSEWHERE = "run it again without other preloads (NODE_OPTIONS) to see who else patches it";

/**
 * What was seen of the self-test, by what is patched.
 *
 * @param piscina - version of the application's own; null where it has none
 */
export function recordingFindings({ exitCode, errorOutput, recording }: SelfTest, piscina: string | null): Finding[] {
  const said = errorOutput.trim().split("\n")[0] ?? "";
  if (exitCode !== 0) {
    const ending = exitCode === null ? "did not end" : `ended with ${exitCode}`;
    return [
      problem("self-test", `a small pipeline ${ending} under recording${said === "" ? "" : `: ${said}`}`, ELSEWHERE),
    ];
  }
  const seen = recording === null ? 0 : stagesSeen(recording);
  if (recording === null || seen === 0) {
    // What is called is seen as what a stage calls.
    const why = said === "" ? "" : `: ${said}`;
    return [problem("streams", `none of ${STAGES.length} stages was seen${why}`, ELSEWHERE)];
  }
  const findings = [
    seen === STAGES.length
      ? ok("streams", `seen: ${STAGES.length} stages, ${ITEMS} items each`)
      : problem("streams", `${seen} of ${STAGES.length} stages were seen with all of their items`, ELSEWHERE),
    callsFinding("HTTP calls", recording, (name) => name.startsWith("127.0.0.1:")),
    callsFinding("worker threads", recording, (name) => name === "eval"),
  ];
  if (piscina !== null)
    findings.push(callsFinding(`piscina ${piscina}`, recording, (name) => name === "self-test.cjs"));
  const losses = Object.entries(recording.snapshots.at(-1)?.losses ?? {}).filter(([, count]) => count > 0);
  if (losses.length > 0) {
    const told = losses.map(([reason, count]) => `${reason} ${count}`).join(", ");
    findings.push(note("self-test", `something was not recorded: ${told}`, ELSEWHERE));
  }
  return findings;
}

/** How many of the stages were seen with all of their items. */
function stagesSeen({ header, snapshots }: Recording): number {
  const rows = snapshots.at(-1)?.stages ?? [];
  return STAGES.filter((name) => {
    const id = header.stages.find((stage) => stage.name === name)?.id;
    return rows.some((row) => row.stage === id && row.items === ITEMS);
  }).length;
}

function callsFinding(about: string, { header, snapshots }: Recording, isIt: (name: string) => boolean): Finding {
  const ids = new Set(header.resources.filter(({ name }) => isIt(name)).map(({ id }) => id));
  const uses = (snapshots.at(-1)?.resources ?? []).reduce(
    (sum, row) => (ids.has(row.resource) ? sum + row.uses : sum),
    0,
  );
  return uses > 0
    ? ok(about, "seen")
    : problem(about, "a call was not seen: what stages wait for there counts as their own work", ELSEWHERE);
}
