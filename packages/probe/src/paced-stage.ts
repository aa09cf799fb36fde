import type { HoldAccount } from "./loop-hold.ts";
import type { FastStage, Pace } from "./pace.ts";
import { SELF, STATES, type StateClock, type StateIndex, USE, WAIT } from "./state-clock.ts";

/** A stage's units are looked at in such groups: of at least a fifth of a second where it is at the limit. */
const UNITS_OF_GROUP = 4096;
const FEWEST_OF_GROUP = 16;
/** A stage that is a little slower than the limit now and then would otherwise be fast and slow by turns. */
const SLOW_AGAIN = 0.8;
/** What was learned counts half when so much has been learned: pipelines change. */
const HALF_AFTER_UNITS = 1024;

const STATE_COUNT = STATES.length;
/** After the states: what the stage held of the loop, its square, and its overlap (see HoldAccount), and how long it was watched. */
const LENGTH = STATE_COUNT + 3;
const WORDS = LENGTH + 1;

/**
 * Whether a stage has too many units to time each, and where its time goes if so. Fast is who has had more than the
 * pace's limit over the last second or so; a stage that waits and then hurries is not, while its mean is below.
 */
export class PacedStage implements FastStage {
  isFast = false;
  /** Whether its workers stay when they have no unit in hand, as streams do; otherwise they come and go with units. */
  hasStayingWorkers = false;
  /** Nothing of it is ever timed. */
  readonly isCountedOnly: boolean;
  readonly #pace: Pace;
  readonly #states: StateClock;
  readonly #account: HoldAccount;
  readonly #group: number;
  #untilGroup: number;
  /** Units that it may still have before it is fast; when this group began; units a second in the last one. */
  readonly #budget = new Float64Array(3);
  #part = 0;
  /** Units of it since it is fast, and when this part began. */
  #units = 0;
  #unitsBefore = 0;
  /** Milliseconds in each state and of the loop: when this part began, learned so far, and concluded. */
  readonly #before = new Float64Array(WORDS);
  readonly #learned = new Float64Array(WORDS);
  readonly #concluded = new Float64Array(WORDS);
  /** Units from which it was learned. */
  #learnedUnits = 0;

  constructor(pace: Pace, states: StateClock, account: HoldAccount, atMs: number) {
    this.#pace = pace;
    this.#states = states;
    this.#account = account;
    const { timedPerSecond } = pace;
    this.isCountedOnly = timedPerSecond === 0;
    this.#group = Math.max(FEWEST_OF_GROUP, Math.min(UNITS_OF_GROUP, Math.floor(timedPerSecond / 5)));
    this.#untilGroup = timedPerSecond === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : this.#group;
    this.#budget[LEFT] = timedPerSecond;
    this.#budget[SINCE] = atMs;
  }

  get rate(): number {
    return this.#budget[RATE] as number;
  }

  /** Something is about to happen to a fast stage. */
  marks(): void {
    if (this.#part === this.#pace.part || !this.#pace.isOpen) return;
    this.#part = this.#pace.part;
    this.#pace.joins(this);
    this.#unitsBefore = this.#units;
    if (this.#pace.isTimed) this.#notes(this.#before, this.#pace.beganMs);
  }

  /** @param mayBeFast - whether anybody would miss the times of single units if it were */
  unit(mayBeFast: boolean): void {
    this.#untilGroup -= 1;
    if (this.#untilGroup <= 0) this.#judges(mayBeFast);
    if (!this.isFast) return;
    this.#units += 1;
    this.#pace.counts();
  }

  /** It is closed: from now on nobody looks how fast it is. */
  leaves(): void {
    this.#untilGroup = Number.POSITIVE_INFINITY;
    if (!this.isFast) return;
    this.isFast = false;
    this.#pace.becomesSlow(this);
  }

  learns(): void {
    const keep = this.#learnedUnits > HALF_AFTER_UNITS ? 0.5 : 1;
    this.#notes(this.#concluded, this.#pace.settledMs);
    for (let word = 0; word < WORDS; word++) {
      const gained = (this.#concluded[word] as number) - (this.#before[word] as number);
      this.#learned[word] = keep * (this.#learned[word] as number) + Math.max(0, gained);
    }
    this.#learnedUnits = keep * this.#learnedUnits + (this.#units - this.#unitsBefore);
  }

  concludes(lengthMs: number): void {
    if (!(lengthMs > 0) || this.#learnedUnits === 0) return;
    const concluded = this.#concluded;
    const each = (this.#units - this.#unitsBefore) / this.#learnedUnits;
    const scale = this.hasStayingWorkers ? this.#dividesAll(each, lengthMs) : this.#addsUp(each, lengthMs);
    for (let word = STATE_COUNT; word < LENGTH; word++)
      concluded[word] = scale * each * (this.#learned[word] as number);
    this.#states.concludes(concluded, lengthMs);
    this.#account.concludes(concluded, STATE_COUNT, lengthMs);
  }

  /** All of the time of workers that stay is in some state: what their units do not take of it they rest. */
  #dividesAll(each: number, lengthMs: number): number {
    const [learned, concluded, states] = [this.#learned, this.#concluded, this.#states];
    let workers = 0;
    let activeMs = 0;
    let restMs = 0;
    for (let state = 0; state < STATE_COUNT; state++) {
      workers += states.workers(state as StateIndex);
      if (isActive(state)) activeMs += each * (learned[state] as number);
      else restMs += learned[state] as number;
    }
    const resting = workers - activeWorkers(states);
    const allMs = workers * lengthMs;
    // Where nobody ever rests, units take all of the time.
    const scale = restMs > 0 || resting > 0 || activeMs === 0 ? atMost(activeMs, allMs) : allMs / activeMs;
    const leftMs = allMs - scale * activeMs;
    for (let state = 0; state < STATE_COUNT; state++) {
      const now = states.workers(state as StateIndex);
      if (restMs > 0) concluded[state] = isActive(state) ? 0 : (leftMs * (learned[state] as number)) / restMs;
      // Of rest nothing was learned: then it is as it is now.
      else concluded[state] = isActive(state) === resting > 0 ? 0 : (leftMs * now) / Math.max(1, resting || workers);
      if (isActive(state)) concluded[state] = (concluded[state] as number) + scale * each * (learned[state] as number);
    }
    return scale;
  }

  /** Workers that come and go with their units take as much time as those do, be there a worker now or not. */
  #addsUp(each: number, lengthMs: number): number {
    const [learned, concluded, states] = [this.#learned, this.#concluded, this.#states];
    let workers = 0;
    let learnedMs = 0;
    for (let state = 0; state < STATE_COUNT; state++) {
      workers += states.workers(state as StateIndex);
      learnedMs += learned[state] as number;
    }
    const usual = learnedMs / Math.max(learned[LENGTH] as number, 1e-9);
    const scale = atMost(each * learnedMs, Math.max(1, workers, usual) * lengthMs);
    for (let state = 0; state < STATE_COUNT; state++) concluded[state] = scale * each * (learned[state] as number);
    return scale;
  }

  #notes(into: Float64Array, atMs: number): void {
    for (let state = 0; state < STATE_COUNT; state++) into[state] = this.#states.timeMs(state as StateIndex, atMs);
    this.#account.notes(into, STATE_COUNT);
    into[LENGTH] = atMs;
  }

  #judges(mayBeFast: boolean): void {
    const budget = this.#budget;
    const { timedPerSecond } = this.#pace;
    const atMs = this.#pace.nowMs();
    const seconds = (atMs - (budget[SINCE] as number)) / 1000;
    budget[SINCE] = atMs;
    budget[RATE] = this.#group / Math.max(seconds, 1e-9);
    this.#untilGroup = this.#group;
    const left = (budget[LEFT] as number) + seconds * timedPerSecond - this.#group;
    budget[LEFT] = Math.min(timedPerSecond, left);
    if (this.isFast) {
      if (mayBeFast && (budget[RATE] as number) >= SLOW_AGAIN * timedPerSecond) {
        budget[LEFT] = 0;
        return;
      }
      this.isFast = false;
      this.#pace.becomesSlow(this);
    } else if (mayBeFast && left < 0) {
      budget[LEFT] = 0;
      this.#learned.fill(0);
      this.#learnedUnits = 0;
      this.isFast = true;
      this.#pace.becomesFast(this);
    }
  }
}

/** Units of chance length may come to more than there was. */
function atMost(ms: number, limitMs: number): number {
  return ms > limitMs ? limitMs / ms : 1;
}

/** States in which a worker has a unit in hand: their time goes with units, whatever else the thread does. */
function isActive(state: number): boolean {
  return state === SELF || state === WAIT || state === USE;
}

function activeWorkers(states: StateClock): number {
  return states.workers(SELF) + states.workers(WAIT) + states.workers(USE);
}

const LEFT = 0;
const SINCE = 1;
const RATE = 2;
