import type { UnitOrigin } from "./exemplar-window.ts";
import { HandOver } from "./hand-over.ts";
import { mayBePromise, settle } from "./settle.ts";
import type { Span } from "./span.ts";
import type { StageRecorder } from "./stage.ts";
import { SELF } from "./state-clock.ts";
import { countOr } from "./unit.ts";
import { runAs, runAsUntilReturn, runningWork, worksGiven } from "./work.ts";

/** How many items a result passes on. */
export type CountEmitted = (result: unknown) => number;

/**
 * - `ambient`: what a hand-over does after an `await` is known to be its own. Costs an AsyncLocalStorage, which a stage
 *   does without once it has been done a hundred times in a row when its function returned, until it is not: that one's
 *   calls after an `await` are not known to be its own.
 * - `synchronous`: known is what it does until its function returns.
 */
export type UnitContext = "ambient" | "synchronous";

const SYNCHRONOUS_AFTER = 100;

/** Runs the hand-overs of one stage: each works until its function returns, or the promise that it returns is settled. */
export class UnitRunner {
  readonly #recorder: StageRecorder;
  readonly #isAmbient: boolean;
  /** Hand-overs in a row, all of them so far, that were over when their function returned. */
  #synchronous = 0;
  /** The worker of one hand-over after the other, where nobody has kept it. */
  #own: HandOver;
  #isOwnFree = true;
  /** Whose calls are those of a hand-over that is counted only: it is in no state. */
  readonly #passing: HandOver;

  constructor(recorder: StageRecorder, context: UnitContext) {
    this.#recorder = recorder;
    this.#isAmbient = context === "ambient";
    this.#own = new HandOver(recorder, SELF);
    this.#passing = new HandOver(recorder, SELF);
  }

  /**
   * @param emitted - as many as came in where it is not given, or fails
   * @param span - what the hand-over is in a trace; null where nobody keeps spans
   * @param origin - what the hand-over's span is where that is more than its stage's
   */
  run<T>(
    work: () => T,
    items: number,
    emitted: CountEmitted | undefined,
    span: Span | null,
    origin: UnitOrigin | null = null,
  ): T {
    const recorder = this.#recorder;
    const isHabit = this.#synchronous >= SYNCHRONOUS_AFTER && span === null;
    // Within another one it stands between that one and what it calls, and must be told of.
    if (isHabit && recorder.isUntimed() && runningWork() === null) return this.#pass(work, items, emitted);
    recorder.arrived(items);
    const isInContext = span !== null || (this.#isAmbient && !isHabit);
    const handOver = this.#begin(span, isInContext);
    const given = worksGiven();
    const previous = recorder.hold(handOver.startMs);
    let value: T;
    // Not caught and thrown again: Node would print our line in the place of the application's.
    let hasThrown = true;
    try {
      value = isInContext ? runAs(handOver, work) : runAsUntilReturn(handOver, work);
      hasThrown = false;
    } finally {
      if (hasThrown) {
        const endMs = recorder.nowMs();
        recorder.release(previous, endMs);
        handOver.finishes(false, items, endMs, origin);
        this.#gives(handOver, true);
      }
    }
    const returnedMs = recorder.nowMs();
    recorder.release(previous, returnedMs);
    if (mayBePromise(value)) {
      this.#gives(handOver, true);
      return this.#settles(value, handOver, items, emitted, origin);
    }
    this.#synchronous += 1;
    handOver.finishes(true, items, returnedMs, origin);
    recorder.emitted(countEmitted(emitted, value, items));
    this.#gives(handOver, worksGiven() !== given);
    return value;
  }

  /** Apart, since its closures would be made for synchronous hand-overs too. */
  #settles<T>(
    value: T,
    handOver: HandOver,
    items: number,
    emitted: CountEmitted | undefined,
    origin: UnitOrigin | null,
  ): T {
    const recorder = this.#recorder;
    let isDone = false;
    const settled = settle(value, (isOk, result) => {
      isDone = true;
      handOver.finishes(isOk, items, recorder.nowMs(), origin);
      if (isOk) recorder.emitted(countEmitted(emitted, result, items));
    });
    this.#synchronous = isDone ? this.#synchronous + 1 : Number.NEGATIVE_INFINITY;
    return settled;
  }

  #pass<T>(work: () => T, items: number, emitted: CountEmitted | undefined): T {
    const recorder = this.#recorder;
    recorder.arrived(items);
    let value: T;
    let hasThrown = true;
    try {
      value = runAsUntilReturn(this.#passing, work);
      hasThrown = false;
    } finally {
      if (hasThrown) recorder.failed(items);
    }
    // Where it goes on, it is watched from now on as any other.
    if (mayBePromise(value)) return this.#settles(value, this.#begin(null, true), items, emitted, null);
    recorder.passed(items);
    recorder.emitted(countEmitted(emitted, value, items));
    return value;
  }

  #begin(span: Span | null, isInContext: boolean): HandOver {
    const outer = runningWork();
    if (isInContext || !this.#isOwnFree) return new HandOver(this.#recorder, SELF).begins(outer, span);
    this.#isOwnFree = false;
    return this.#own.begins(outer, span);
  }

  /** @param wasGiven - whether somebody may have kept it */
  #gives(handOver: HandOver, wasGiven: boolean): void {
    if (handOver !== this.#own) return;
    if (wasGiven) this.#own = new HandOver(this.#recorder, SELF);
    this.#isOwnFree = true;
  }
}

/** The application's own counting function may fail; then the items that came in are the best that is known. */
function countEmitted(emitted: CountEmitted | undefined, result: unknown, items: number): number {
  if (emitted === undefined) return items;
  try {
    return countOr(emitted(result), items);
  } catch {
    return items;
  }
}
