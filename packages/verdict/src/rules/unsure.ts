import type { Picture } from "../demand.ts";
import { LEAST_UNITS, type Period } from "../period.ts";
import { percent } from "../words.ts";

/** Below this, what the workers did in the rest of the time could be the answer. */
const LEAST_COVERAGE = 0.95;
/** A named limit with less confidence than this is a guess. */
const LEAST_CONFIDENCE = 0.3;

/** What keeps a component from being judged at all: too little, or nothing. Null if nothing does. */
export function tooLittle(period: Period, windowCount: number): string | null {
  if (windowCount === 0) return "fewer than two snapshots: record for at least a few seconds";
  if (period.parts.length === 0)
    return "no source handed anything over: let the application process something while it is recorded";
  if (period.sourceUnits < LEAST_UNITS)
    return (
      `only ${Math.round(period.sourceUnits)} of ${LEAST_UNITS} source hand-overs were recorded: ` +
      "record for longer, or hand over smaller batches"
    );
  return null;
}

/** What keeps a picture from being trusted. Null if nothing does. */
export function tooBlind(picture: Picture): string | null {
  if (picture.coverage >= LEAST_COVERAGE) return null;
  const known = percent(picture.coverage);
  return `states are known for only ${known} of the workers' time, ${percent(LEAST_COVERAGE)} are needed: instrument what is missing`;
}

/** What keeps a run from being judged whose limit moved, with too little on either side. */
export function tooChanging(): string {
  return `the limit moved during the run, and neither part has ${LEAST_UNITS} source hand-overs: record for longer`;
}

/** What keeps a named limit from being stated. Null if nothing does. */
export function tooUncertain(score: number): string | null {
  if (score >= LEAST_CONFIDENCE) return null;
  return `the parts of the run disagree (confidence ${score.toFixed(2)}): record for longer, under a steady load`;
}
