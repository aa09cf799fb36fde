/** As TIMED_PER_SECOND of @pinchpoint/probe has it, which reading settings does not load. */
const DEFAULT_PER_SECOND = 20_000;

export const TIMED_WANTED = "a whole number of units a second from 0 on, or all";

export interface TimedSetting {
  /** Up to how many units a second of a stage each is timed: 0 = none is, Infinity = all are. */
  readonly perSecond: number;
  /** What is wrong with the text, as one sentence; null if nothing. */
  readonly problem: string | null;
}

/** @param text - the setting `timed` */
export function timedOf(text: string | undefined): TimedSetting {
  if (text === undefined || text === "") return { perSecond: DEFAULT_PER_SECOND, problem: null };
  const wanted = timedProblem(text);
  if (wanted !== null)
    return { perSecond: DEFAULT_PER_SECOND, problem: `timed (PINCHPOINT_TIMED) must be ${wanted}, got "${text}".` };
  return { perSecond: text === "all" ? Number.POSITIVE_INFINITY : Number(text), problem: null };
}

/** What the text must be; null where it is that. */
export function timedProblem(text: string): string | null {
  const isOne = text === "all" || /^\d{1,9}$/.test(text);
  return isOne ? null : TIMED_WANTED;
}
