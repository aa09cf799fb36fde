import { AsyncLocalStorage } from "node:async_hooks";
import type { Span } from "./span.ts";
import type { StageRecorder } from "./stage.ts";
import type { StateIndex } from "./state-clock.ts";

/** A worker of a stage, as the code sees it that the stage runs: known across awaits, so that calls are charged to it. */
export interface Work {
  /** Null where no stage is recorded: then it only carries a trace. */
  readonly stage: StageRecorder | null;
  /** What its hand-over is in a trace; null where nobody keeps spans. */
  readonly span: Span | null;
  /** Whether it has a hand-over under way that neither waits for input nor for its output. */
  readonly isWorking: boolean;
  /** The work within which it was begun, as far as that goes on. */
  readonly outer: Work | null;
  /** True within the use of a declared resource that works elsewhere: a call that is found then is that use. */
  readonly isCall?: boolean;
  /**
   * The worker is in another state from now until the visit's end; visits may nest and overlap.
   *
   * @returns what `endVisit` wants; 0 where no hand-over is under way that could make it
   */
  visit(state: StateIndex, atMs: number): number;
  /** @returns false if the hand-over that made the visit is over: then there is nothing to come back to */
  endVisit(visit: number, state: StateIndex, atMs: number): boolean;
}

/** What is known of the code that runs on this thread. */
interface Running {
  /** One for the thread, whoever records: each storage more makes every promise of the application dearer. */
  readonly storage: AsyncLocalStorage<Work>;
  /** Whose code runs at this moment, as long as it has not returned: then nobody need ask the context. */
  synchronous: Work | null;
  /** How often somebody was given the work of the code that runs, who may keep it for longer than the code runs. */
  given: number;
  /** Whether any work was ever entered by its context: where none was, there is none to ask for. */
  isContextUsed: boolean;
}

/** Several copies of this module in one thread, as in bundles, are to know of each other's works. */
const KEY = Symbol.for("pinchpoint.work/v1");

type Global = { [KEY]?: Running };

/** Null until this copy has met it: importing changes nothing. */
let met: Running | null = null;

/** Null where no work was ever entered on this thread. */
function known(): Running | null {
  met ??= (globalThis as Global)[KEY] ?? null;
  return met;
}

function made(): Running {
  met = known() ?? { storage: new AsyncLocalStorage(), synchronous: null, given: 0, isContextUsed: false };
  // Not listed, so that code which walks over globals sees what it saw before. Where globals are frozen it is this copy's.
  Reflect.defineProperty(globalThis, KEY, { value: met });
  return met;
}

/** The work that the running code belongs to; null outside of all stages. */
export function runningWork(): Work | null {
  const running = met ?? known();
  if (running === null) return null;
  const { synchronous } = running;
  if (synchronous !== null) {
    running.given += 1;
    return synchronous;
  }
  return running.isContextUsed ? (running.storage.getStore() ?? null) : null;
}

/** A number that has changed if, since it was asked for last, anybody was given the work of code that ran. */
export function worksGiven(): number {
  return (met ?? known())?.given ?? 0;
}

/** What the running code's hand-over is in a trace, or the one around it; null outside of all that have a span. */
export function runningSpan(): Span | null {
  for (let work = runningWork(); work !== null; work = work.outer) {
    if (work.span !== null) return work.span;
  }
  return null;
}

/** Runs a function as part of a work, and with it what the function begins and awaits. */
// biome-ignore lint/suspicious/noExplicitAny: as the foreign function has it
export function runAs<Args extends any[], T>(work: Work, run: (...args: Args) => T, ...args: Args): T {
  const running = met ?? made();
  const before = running.synchronous;
  running.synchronous = work;
  running.isContextUsed = true;
  try {
    const { span } = work;
    return span === null
      ? running.storage.run(work, run, ...args)
      : span.within(() => running.storage.run(work, run, ...args));
  } finally {
    running.synchronous = before;
  }
}

/** Runs a function as part of a work until it returns: what it leaves to be done later is of whoever called. */
// biome-ignore lint/suspicious/noExplicitAny: as the foreign function has it
export function runAsUntilReturn<Args extends any[], T>(work: Work, run: (...args: Args) => T, ...args: Args): T {
  const running = met ?? made();
  const before = running.synchronous;
  running.synchronous = work;
  try {
    return run(...args);
  } finally {
    running.synchronous = before;
  }
}

/**
 * What runs from here on is part of a work, until `leaveWork`: as `runAsUntilReturn`, for where a closure would cost more
 * than all the rest.
 *
 * @returns what `leaveWork` wants
 */
export function enterWork(work: Work): Work | null {
  const running = met ?? made();
  const before = running.synchronous;
  running.synchronous = work;
  return before;
}

export function leaveWork(before: Work | null): void {
  const running = met ?? made();
  running.synchronous = before;
}

/** What runs from here on in this turn of the event loop, and what it begins, is part of a work; null = of none. */
export function becomes(work: Work | null): void {
  const running = met ?? made();
  running.isContextUsed = true;
  running.storage.enterWith(work as Work);
}
