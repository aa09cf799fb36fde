// What the verdict advises, carried out on the flight example by its settings.
import type { Action } from "@pinchpoint/verdict";
import type { Settings } from "../examples/flight-features/src/settings.ts";
import { type StageName, stageNames } from "../examples/flight-features/src/settings.ts";

/** As `pinchpoint run --json` writes it. */
export type Advice = Pick<Action, "change" | "step" | "predictedThroughput" | "low" | "high" | "isLeast">;

/** What the example calls the function that makes its board. */
const boardTimer = "makeDelayBoard";

/**
 * Settings under which the example does what the advice says.
 *
 * @returns null where the example has no setting for that: a machine gets no cores by a setting
 */
export function settingsAfter({ step }: Advice, settings: Settings): Settings | null {
  switch (step.kind) {
    case "time":
      if (step.of === "resource") {
        return settings.scoring === "remote" ? { ...settings, remoteMs: settings.remoteMs * step.factor } : null;
      }
      if (step.of === "outside") {
        return step.name.includes(boardTimer) && step.factor === 0.5 && settings.halved === null
          ? { ...settings, halved: "board" }
          : null;
      }
      // Half of the batches is half of the time.
      return isStageName(step.name) && step.factor === 0.5 && settings.halved === null
        ? { ...settings, halved: step.name }
        : null;
    case "allocation":
      return step.factor === 0.5 && settings.halved === null && settings.recentFlights > 0
        ? { ...settings, halved: "recent" }
        : null;
    case "heap":
      return settings.heapMb === null
        ? null
        : { ...settings, heapMb: Math.round((settings.heapMb * step.toBytes) / step.fromBytes) };
    case "workers":
      return step.stage === "score" && settings.scoring === "pool" && settings.scoreThreads === step.from
        ? { ...settings, scoreThreads: step.to }
        : null;
    default:
      return null;
  }
}

/** A change that is said to gain less than this is said to gain nothing. */
const NO_GAIN = 0.01;

export function gainsNothing({ predictedThroughput }: Advice, beforePerSecond: number): boolean {
  return predictedThroughput <= beforePerSecond * (1 + NO_GAIN);
}

/** The first advice that is said to gain something and that the example can follow, and its settings then. */
export function firstToFollow(
  advice: readonly Advice[],
  settings: Settings,
  beforePerSecond: number,
): { readonly advice: Advice; readonly settings: Settings } | null {
  for (const one of advice) {
    const after = gainsNothing(one, beforePerSecond) ? null : settingsAfter(one, settings);
    if (after !== null) return { advice: one, settings: after };
  }
  return null;
}

/** A prediction further off than this has not come true, whatever its interval. */
export const NEAR = 0.2;

/** @param isLeast - whether more than was predicted is as good */
export function isNear(predicted: number, measured: number, isLeast: boolean): boolean {
  return measured >= (1 - NEAR) * predicted && (isLeast || measured <= (1 + NEAR) * predicted);
}

/** What became of a prediction; all in hand-overs a second. */
export function outcomeInWords(advice: Advice, beforePerSecond: number, measuredPerSecond: number): string {
  const { predictedThroughput: predicted, low, high, isLeast = false } = advice;
  const spread = (high - low) / 2;
  if (isLeast && measuredPerSecond > high)
    return `predicted at least ${rate(predicted)}/s, measured ${rate(measuredPerSecond)}/s: came true`;
  const told = `predicted ${isLeast ? "at least " : ""}${rate(predicted)} ± ${rate(spread)}/s, measured ${rate(measuredPerSecond)}/s`;
  return `${told}: ${judgement(predicted, low, high, beforePerSecond, measuredPerSecond)}`;
}

function judgement(predicted: number, low: number, high: number, before: number, measured: number): string {
  const isClose = isNear(predicted, measured, false);
  if (isClose && measured >= low && measured <= high) return "came true";
  if (isClose)
    return `came true within ${Math.ceil(100 * Math.abs(measured / predicted - 1))} %, outside of its interval`;
  if (measured > predicted) return "did not come true: it brought more";
  const share = predicted > before ? Math.max(0, (measured - before) / (predicted - before)) : 0;
  return `did not come true: ${Math.round(100 * share)} % of the gain was there`;
}

function rate(perSecond: number): string {
  return perSecond >= 100 ? perSecond.toFixed(0) : perSecond.toFixed(1);
}

function isStageName(name: string): name is StageName {
  return stageNames.some((one) => one === name);
}
