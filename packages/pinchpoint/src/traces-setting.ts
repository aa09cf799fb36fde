/** As TRACES_PER_SECOND of @pinchpoint/probe has it, which reading settings does not load. */
const DEFAULT_PER_SECOND = 100;
const MOST = 100_000;

export const TRACES_WANTED: string = `a whole number of traces a second from 1 to ${MOST}, or off`;

export interface TracesSetting {
  /** How many traces a stage begins in a second at most; 0 = none, and nothing goes on with others'. */
  readonly perSecond: number;
  /** What is wrong with the text, as one sentence; null if nothing. */
  readonly problem: string | null;
}

/** @param text - the setting `traces` */
export function tracesOf(text: string | undefined): TracesSetting {
  if (text === undefined || text === "") return { perSecond: DEFAULT_PER_SECOND, problem: null };
  if (text === "off") return { perSecond: 0, problem: null };
  const wanted = tracesProblem(text);
  if (wanted === null) return { perSecond: Number(text), problem: null };
  return { perSecond: DEFAULT_PER_SECOND, problem: `traces (PINCHPOINT_TRACES) must be ${wanted}, got "${text}".` };
}

/** What the text must be; null where it is that. */
export function tracesProblem(text: string): string | null {
  const perSecond = Number(text);
  const isOne = text === "off" || (Number.isInteger(perSecond) && perSecond >= 1 && perSecond <= MOST);
  return isOne ? null : TRACES_WANTED;
}
