import { type CallSite, runningWork, type StageRecorder } from "@pinchpoint/probe";

/** Looks in a row that must find one place before any is left out. */
const LOOKS_AT_FIRST = 64;
/** From then on one join of so many is looked at, in turn: their sum is a prime, so that no rhythm of requests keeps step. */
const STRIDES = [7, 13, 11, 16] as const;
/** More pairs of names than one stage's work joins, unless it makes them up. */
const MOST_PAIRS = 256;

interface Habit {
  readonly site: CallSite | null;
  /** Whether it was found elsewhere too: then it is always looked. */
  isBroken: boolean;
  joins: number;
  nextLook: number;
  looks: number;
}

/**
 * Where the code joins what it joins over and over, as a server does for each request. To look at the stack costs as much
 * as all the rest of a join, some 15 µs in a process that does other things in between. So where the work of one stage
 * has joined streams of the same names at one place and no other, most of its joins are taken to be there too.
 */
export class Habits {
  readonly #look: () => CallSite | null;
  readonly #ofStage = new Map<StageRecorder, Map<string, Habit>>();

  constructor(look: () => CallSite | null) {
    this.#look = look;
  }

  /**
   * The place of the join that the running code makes.
   *
   * @param pair - the names of what is joined
   */
  site(pair: string): CallSite | null {
    // Outside of all stages nothing comes again and again, and what is joined there lasts.
    const stage = runningWork()?.stage ?? null;
    if (stage === null) return this.#look();
    const habits = this.#habitsOf(stage);
    const habit = habits.get(pair);
    if (habit === undefined) return this.#first(habits, pair);
    habit.joins += 1;
    if (!habit.isBroken && habit.joins < habit.nextLook) return habit.site;
    const site = this.#look();
    habit.isBroken ||= site?.key !== habit.site?.key;
    if (habit.joins >= LOOKS_AT_FIRST) {
      habit.nextLook = habit.joins + (STRIDES[habit.looks % STRIDES.length] as number);
      habit.looks += 1;
    }
    return site;
  }

  #first(habits: Map<string, Habit>, pair: string): CallSite | null {
    const site = this.#look();
    if (habits.size < MOST_PAIRS) habits.set(pair, { site, isBroken: false, joins: 1, nextLook: 0, looks: 0 });
    return site;
  }

  #habitsOf(stage: StageRecorder): Map<string, Habit> {
    const known = this.#ofStage.get(stage);
    if (known !== undefined) return known;
    const habits = new Map<string, Habit>();
    this.#ofStage.set(stage, habits);
    return habits;
  }
}
