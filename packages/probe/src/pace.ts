import type { Clock } from "./clock.ts";
import type { LoopHold } from "./loop-hold.ts";

/** Units of one stage in a second up to which each of them is timed. */
export const TIMED_PER_SECOND = 20_000;

/** One of this many is timed at least, however fast the stages are. */
const MOST_APART = 64;
/** Units of a timed stretch: drawn, since pipelines have habits (such as sixteen chunks at a time) to fall in step with. */
const FEWEST_TIMED = 64;
const TIMED_SPREAD = 128;
/** The clock is looked at again after so many units: a stretch ends where they have become slow meanwhile. */
const UNITS_BETWEEN_LOOKS = 64;
/** What is concluded from timed stretches is said of so much of an untimed one at most, in milliseconds. */
const LONGEST_MS = 20;

/** A stage whose units are too many for each of them to be timed. */
export interface FastStage {
  /** Units in a second, of late. */
  readonly rate: number;
  /** A part of a timed stretch is over: what its units took is what those of untimed ones are taken for. */
  learns(): void;
  /** A part of an untimed stretch is over, of which `lengthMs` of the loop's time is to be told by what was learned. */
  concludes(lengthMs: number): void;
}

export interface PaceOptions {
  readonly timedPerSecond?: number | undefined;
  /** 0 <= value < 1. */
  readonly random?: (() => number) | undefined;
  /** Calls back before the event loop waits again. */
  readonly atTurnEnd?: ((act: () => void) => void) | undefined;
}

const { random: systemRandom } = Math;
const { setImmediate } = globalThis;

/**
 * Which units of a thread's fast stages are timed. A clock costs more than all the rest of a record, so that stages with
 * more units than `timedPerSecond` are timed in whole stretches, all of the thread's fast stages at once: a clock that is
 * only read now and then gives wrong shares. During the other stretches the clock stands still for them: what they do is
 * counted, and when it goes on, where the time went is concluded from timed stretches.
 *
 * It never stands beyond the turn of the event loop that it stopped in, nor when anybody else asks for the time: so the
 * time that a loop waits is measured, always, and so is whatever slower stages do.
 */
export class Pace {
  readonly timedPerSecond: number;
  /** Whether the clock stands still now. */
  isStanding = false;
  /** Counts the parts of stretches. */
  part = 0;
  readonly #clock: Clock;
  readonly #loop: LoopHold;
  readonly #random: () => number;
  readonly #atTurnEnd: (act: () => void) => void;
  readonly #onLook: (atMs: number) => void;
  readonly #fast: FastStage[] = [];
  /** Those which did something in this part. */
  readonly #active: FastStage[] = [];
  #isTimed = true;
  #isOpen = false;
  #isTurnWatched = false;
  /** When this part began, and when the last one ended. */
  readonly #ms = new Float64Array(2);
  /** Units until the next look, and from there until the stretch ends. */
  #untilLook = 0;
  #afterLook = 0;

  /** @param onLook - called now and then while units are not timed */
  constructor(clock: Clock, loop: LoopHold, onLook: (atMs: number) => void, options: PaceOptions = {}) {
    const { timedPerSecond = TIMED_PER_SECOND, random = systemRandom, atTurnEnd = setImmediate } = options;
    this.timedPerSecond = timedPerSecond;
    this.#clock = clock;
    this.#loop = loop;
    this.#onLook = onLook;
    this.#random = random;
    this.#atTurnEnd = atTurnEnd;
  }

  /** The time, for anybody: the clock goes on. What others do is no part of a stretch, be it timed or not. */
  nowMs(): number {
    return this.#isOpen ? this.#close() : this.#clock.nowMs();
  }

  /** The time for a fast stage: while the clock stands, when it stopped. */
  pacedMs(): number {
    if (this.isStanding) return this.#ms[BEGAN] as number;
    const atMs = this.#clock.nowMs();
    if (!this.#isOpen) this.#open(atMs);
    return atMs;
  }

  /** Whether units of fast stages are not timed now. */
  stands(): boolean {
    if (!this.isStanding && !this.#isTimed) this.pacedMs();
    return this.isStanding;
  }

  /** When the clock went on last; what was said of an earlier moment is settled. */
  get settledMs(): number {
    return this.#ms[SETTLED] as number;
  }

  get beganMs(): number {
    return this.#ms[BEGAN] as number;
  }

  /** Whether a part of a stretch is under way. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isTimed(): boolean {
    return this.#isTimed;
  }

  becomesFast(stage: FastStage): void {
    if (this.#fast.length === 0) this.#plan(true);
    this.#fast.push(stage);
  }

  becomesSlow(stage: FastStage): void {
    if (this.#isOpen) this.#close();
    this.#fast.splice(this.#fast.indexOf(stage), 1);
    if (this.#fast.length === 0) this.#isTimed = true;
  }

  /** A fast stage did something in this part for the first time. */
  joins(stage: FastStage): void {
    this.#active.push(stage);
  }

  /** A fast stage has finished a unit. */
  counts(): void {
    this.#untilLook -= 1;
    if (this.#untilLook <= 0) this.#look();
  }

  #look(): void {
    const isLong = this.isStanding && this.#clock.nowMs() - (this.#ms[BEGAN] as number) > LONGEST_MS;
    if (this.#afterLook <= 0 || isLong) {
      if (this.#isOpen) this.#onLook(this.#close());
      this.#plan(!this.#isTimed);
    } else {
      this.#untilLook = Math.min(UNITS_BETWEEN_LOOKS, this.#afterLook);
      this.#afterLook -= this.#untilLook;
    }
  }

  #plan(isTimed: boolean): void {
    let rate = 0;
    for (const stage of this.#fast) rate = Math.max(rate, stage.rate);
    const apart = Math.min(MOST_APART, Math.max(1, rate / this.timedPerSecond));
    const units = Math.max(1, this.#fast.length) * Math.floor(FEWEST_TIMED + TIMED_SPREAD * this.#random());
    this.#isTimed = isTimed;
    const planned = isTimed ? units : Math.floor(units * (apart - 1));
    this.#untilLook = Math.min(UNITS_BETWEEN_LOOKS, planned);
    this.#afterLook = planned - this.#untilLook;
  }

  #open(atMs: number): void {
    this.#isOpen = true;
    this.#ms[BEGAN] = atMs;
    this.part += 1;
    if (!this.#isTimed) {
      this.#loop.settle(atMs);
      this.isStanding = true;
    }
    if (this.#isTurnWatched) return;
    this.#isTurnWatched = true;
    this.#atTurnEnd(this.#onTurnEnd);
  }

  readonly #onTurnEnd = (): void => {
    this.#isTurnWatched = false;
    if (this.#isOpen) this.#close();
  };

  #close(): number {
    const atMs = this.#clock.nowMs();
    this.#isOpen = false;
    this.isStanding = false;
    this.#ms[SETTLED] = atMs;
    const active = this.#active;
    if (this.#isTimed) {
      for (let i = 0; i < active.length; i++) (active[i] as FastStage).learns();
    } else {
      const lengthMs = Math.min(this.#loop.skip(atMs), LONGEST_MS);
      for (let i = 0; i < active.length; i++) (active[i] as FastStage).concludes(lengthMs);
    }
    active.length = 0;
    return atMs;
  }
}

const BEGAN = 0;
const SETTLED = 1;
