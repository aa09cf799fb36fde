// What a verdict promises, tried on the flight example.
import { pinchSettings } from "../examples/flight-features/src/pinch.ts";
import type { Settings } from "../examples/flight-features/src/settings.ts";
import { type Advice, gainsNothing, isNear, settingsAfter } from "./advice.ts";
import type { Entry } from "./flight-run.ts";
import { type Judged, judgedRun } from "./judged-run.ts";

const FOLLOW_FOR = "15s";
/** A prediction has come true if it is near, and told with an interval no wider than this. */
const WIDEST = 1.3;
/** What is said to gain nothing must gain less than this. */
export const NOTHING = 0.05;
const ONE_CORE = ["taskset", "--cpu-list", "0"];

/** A prediction and what became of it; hand-overs a second. */
export interface Tried {
  readonly change: string;
  readonly before: number;
  readonly predicted: number;
  readonly low: number;
  readonly high: number;
  /** The prediction is the least that is to be expected. */
  readonly isLeast: boolean;
  readonly measured: number;
  readonly isRight: boolean;
}

export interface Followed {
  /** The first advice; null where there is none that can be followed. */
  readonly first: Tried | null;
  /** What was said to bring nothing. */
  readonly idle: readonly Tried[];
}

/**
 * Follows the first advice, and tries what is said to bring nothing. Cores are the one thing that no setting gives:
 * where the first advice is one more of them, the example is judged on one core, and that advice followed on two.
 */
export async function follow(pinch: string, entry: Entry, verdict: Judged, runFor: string): Promise<Followed> {
  const settings = pinchSettings(pinch);
  const before = perSecondOf(verdict);
  const [advice] = verdict.actions;
  if (advice === undefined || before === 0) return { first: null, idle: [] };
  const idle: Tried[] = [];
  for (const one of verdict.actions) {
    const after = settingsAfter(one, settings);
    if (after === null || !gainsNothing(one, before)) continue;
    const tried = await triedOf(one, entry, before, after);
    // The machine's own pace drifts within a minute by more than what is asked here: so before, after, before again.
    const around = (before + (await judgedRun({ settings, entry, runFor: FOLLOW_FOR }, perSecondOf))) / 2;
    idle.push({ ...tried, before: around, isRight: tried.measured < around * (1 + NOTHING) });
  }
  const first =
    advice.step.kind === "cores"
      ? await moreCores(settings, entry, runFor)
      : await followedFirst(advice, entry, before, settings);
  return { first, idle };
}

async function followedFirst(advice: Advice, entry: Entry, before: number, settings: Settings): Promise<Tried | null> {
  const after = settingsAfter(advice, settings);
  return after === null ? null : withJudgement(await triedOf(advice, entry, before, after));
}

async function moreCores(settings: Settings, entry: Entry, runFor: string): Promise<Tried | null> {
  const verdict = await judgedRun({ settings, entry, runFor, before: ONE_CORE }, (judged) => judged);
  const advice = verdict.actions.find(({ step }) => step.kind === "cores" && step.to === 2);
  const before = perSecondOf(verdict);
  return advice === undefined ? null : withJudgement(await triedOf(advice, entry, before, settings));
}

async function triedOf(advice: Advice, entry: Entry, before: number, settings: Settings): Promise<Tried> {
  const { change, predictedThroughput: predicted, low, high, isLeast = false } = advice;
  const measured = await judgedRun({ settings, entry, runFor: FOLLOW_FOR }, perSecondOf);
  return { change, before, predicted, low, high, isLeast, measured, isRight: false };
}

function perSecondOf({ throughput }: Judged): number {
  return throughput?.perSecond ?? 0;
}

function withJudgement(tried: Tried): Tried {
  const { predicted, low, high, isLeast, measured } = tried;
  return { ...tried, isRight: isNear(predicted, measured, isLeast) && high / low <= WIDEST };
}

/** What changes brought on average, as a share: one run alone tells little, since the pace drifts by as much. */
export function meanGain(tried: readonly Pick<Tried, "before" | "measured">[]): number {
  const gains = tried.map(({ before, measured }) => measured / before - 1);
  return gains.length === 0 ? 0 : gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
}

export function triedInWords({ change, before, predicted, low, high, isLeast, measured, isRight }: Tried): string {
  const [from, to, least, most, now] = [before, predicted, low, high, measured].map((value) => value.toFixed(1));
  return `${isRight ? "right" : "WRONG"}  ${change}: ${from} -> ${isLeast ? "at least " : ""}${to} (${least} to ${most}), measured ${now}`;
}
