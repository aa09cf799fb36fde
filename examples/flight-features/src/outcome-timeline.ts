/** How a flight went, as it is known once the flight is over. */
export interface Outcome {
  readonly originId: number;
  readonly destinationId: number;
  readonly routeId: number;
  readonly delayMinutes: number;
}

export type Visit = (originId: number, destinationId: number, routeId: number, delayMinutes: number) => void;

const numbersOfAnOutcome = 4;

/**
 * Outcomes by the minute at which they become known, and readers that each follow the clock at a fixed distance: one
 * at the clock itself sees an outcome the minute it is known, one 60 minutes behind sees it again when it leaves the
 * last hour.
 */
export class OutcomeTimeline {
  readonly #minutes: number[][];
  readonly #readers: { readonly behindMinutes: number; readonly visit: Visit }[] = [];
  readonly #longestBehindMinutes: number;
  #nowMinute: number | undefined;

  /**
   * @param longestAheadMinutes - how far in the future an outcome may lie, at most
   * @param longestBehindMinutes - how far behind the clock a reader may follow, at most
   */
  constructor(longestAheadMinutes: number, longestBehindMinutes: number) {
    this.#minutes = Array.from({ length: longestAheadMinutes + longestBehindMinutes + 1 }, () => []);
    this.#longestBehindMinutes = longestBehindMinutes;
  }

  /** Has `visit` called with each outcome `behindMinutes` after it became known; readers are called in this order. */
  follow(behindMinutes: number, visit: Visit): void {
    this.#readers.push({ behindMinutes, visit });
  }

  /** @throws RangeError if the minute has passed, or lies too far ahead */
  add(knownAtMinute: number, outcome: Outcome): void {
    const ahead = knownAtMinute - (this.#nowMinute ?? Number.POSITIVE_INFINITY);
    if (!(ahead > 0 && ahead <= this.#minutes.length - 1 - this.#longestBehindMinutes)) {
      throw new RangeError(`an outcome must become known within the timeline's reach, got ${ahead} minutes from now`);
    }
    this.#slot(knownAtMinute).push(outcome.originId, outcome.destinationId, outcome.routeId, outcome.delayMinutes);
  }

  /** Moves the clock, minute by minute; a minute that has passed changes nothing. */
  advanceTo(minute: number): void {
    this.#nowMinute ??= minute;
    while (this.#nowMinute < minute) {
      this.#nowMinute += 1;
      for (const { behindMinutes, visit } of this.#readers) this.#read(this.#nowMinute - behindMinutes, visit);
      // Its slot will next stand for a minute ahead of the clock.
      this.#slot(this.#nowMinute - this.#longestBehindMinutes).length = 0;
    }
  }

  #read(minute: number, visit: Visit): void {
    const numbers = this.#slot(minute);
    for (let index = 0; index < numbers.length; index += numbersOfAnOutcome) {
      visit(numbers[index]!, numbers[index + 1]!, numbers[index + 2]!, numbers[index + 3]!);
    }
  }

  #slot(minute: number): number[] {
    const length = this.#minutes.length;
    return this.#minutes[((minute % length) + length) % length]!;
  }
}
