import type { Clock } from "./clock.ts";
import { COUNTER, COUNTERS_WORDS } from "./slab.ts";

// Times are kept in typed arrays, because a fraction in a field is a new object each time that it changes.

/** Words of an account's own times. */
const ENTER_SUM = 0;
const PIECE = 1;

/** Words of a loop's times. */
const AT = 0;
const IDLE = 1;
const ACTIVE = 2;
const HELD_BY_ALL = 3;
const BLOCK_START = 4;
/** The moment that is to be settled. */
const NEXT = 5;

/** Idle time that comes and goes within so little is taken for use, and made up for at the next reading. */
const MOMENT_MS = 0.002;

/** What one stage took of its thread's event loop, and how long its work stood in `self` while others held the loop. */
export class HoldAccount {
  /** The stage's row of the slab, which this thread alone writes. */
  #words: Float64Array;
  #at: number;
  /**
   * The sum of the others' hold at the enter times of the stage's workers minus at their exit times; and the length of
   * the stage's part of the block that is running.
   */
  readonly #ownMs = new Float64Array(2);
  /** Whether code that runs in none of its segments may be its. */
  readonly hasContinuations: boolean;
  /** Workers in `self`. */
  #selfWorkers = 0;

  constructor(words: Float64Array, at: number, hasContinuations: boolean) {
    this.#words = words;
    this.#at = at;
    this.hasContinuations = hasContinuations;
  }

  /** Counts on by itself: the row is given back. */
  leaveRow(): void {
    this.#words = this.#words.slice(this.#at, this.#at + COUNTERS_WORDS);
    this.#at = 0;
  }

  get selfWorkers(): number {
    return this.#selfWorkers;
  }

  hold(lengthMs: number): void {
    this.#add(COUNTER.loopHeldMs, lengthMs);
  }

  /** @returns true if this is the stage's first part in the block that is running */
  addPiece(lengthMs: number): boolean {
    const pieceMs = this.#ownMs[PIECE] as number;
    this.#ownMs[PIECE] = pieceMs + lengthMs;
    return pieceMs === 0;
  }

  closePiece(blockMs: number): void {
    this.weigh(this.#ownMs[PIECE] as number, blockMs);
    this.#ownMs[PIECE] = 0;
  }

  /** A stage's part of a block counts by the length of the block: whoever waits must wait for the rest of all of it. */
  weigh(pieceMs: number, blockMs: number): void {
    this.#add(COUNTER.loopHeldSquaredMs, pieceMs * blockMs);
  }

  /** Notes what it has held so far, its square, and its overlap, at `at` and after. */
  notes(into: Float64Array, at: number): void {
    into[at] = this.#words[this.#at + COUNTER.loopHeldMs] as number;
    into[at + 1] = this.#words[this.#at + COUNTER.loopHeldSquaredMs] as number;
    into[at + 2] = this.#words[this.#at + COUNTER.loopOverlapMs] as number;
  }

  /** Of `lengthMs` in which nobody watched the loop, it had as much of each as stands at `at` and after. */
  concludes(sharesMs: Float64Array, at: number, lengthMs: number): void {
    const heldMs = sharesMs[at] as number;
    this.hold(heldMs);
    this.#add(COUNTER.loopHeldSquaredMs, sharesMs[at + 1] as number);
    const countedMs = this.#selfWorkers * (lengthMs - heldMs);
    this.#ownMs[ENTER_SUM] = (this.#ownMs[ENTER_SUM] as number) + countedMs - (sharesMs[at + 2] as number);
  }

  /** @param loopMs - the times of its loop */
  changeSelf(by: 1 | -1, loopMs: Float64Array): void {
    const heldByOthersMs = (loopMs[HELD_BY_ALL] as number) - (this.#words[this.#at + COUNTER.loopHeldMs] as number);
    this.#selfWorkers += by;
    const enterSum = (this.#ownMs[ENTER_SUM] as number) + by * heldByOthersMs;
    this.#ownMs[ENTER_SUM] = enterSum;
    const overlapMs = this.#selfWorkers * heldByOthersMs - enterSum;
    const at = this.#at + COUNTER.loopOverlapMs;
    // Differences of sums round: without this, a total that stands still would now and then fall by its last bit.
    if (overlapMs > (this.#words[at] as number)) this.#words[at] = overlapMs;
  }

  #add(word: number, by: number): void {
    const at = this.#at + word;
    this.#words[at] = (this.#words[at] as number) + by;
  }
}

/**
 * Which stage holds this thread's event loop. A stage holds it through its synchronous segments, which may nest: the
 * inner segment's time is the inner stage's. Outside all segments, a loop that is not idle runs continuations (what comes
 * after an `await`): they are charged to the stage whose code makes the transition at their end, as its context tells;
 * where that does not, to the stages whose work is under way, in equal parts where there are several, and to nobody
 * where there is none. A stage without continuations (a file that is read) takes no part in this.
 */
export class LoopHold {
  readonly #clock: Clock;
  /** Whose code is running outside of all segments; null where its context does not tell. */
  readonly #running: () => HoldAccount | null;
  /** Stages with workers in `self`, and with continuations. */
  readonly #working: HoldAccount[] = [];
  /** Stages with a part in the block that is running come first; emptying the array would give its memory back. */
  readonly #touched: HoldAccount[] = [];
  #touchedCount = 0;
  #holder: HoldAccount | null = null;
  /**
   * Up to which moment all is charged; how long the loop was idle and in use until then (what is charged is never more
   * than that grew); what was charged to all; when the block that is running began.
   */
  readonly #ms = new Float64Array(6);

  constructor(clock: Clock, running: () => HoldAccount | null) {
    this.#clock = clock;
    this.#running = running;
    const atMs = clock.nowMs();
    const idleMs = clock.idleMs();
    this.#ms.set([atMs, idleMs, atMs - idleMs]);
  }

  /** Begins a synchronous segment; give what it returns to `release`. */
  hold(account: HoldAccount, atMs: number): HoldAccount | null {
    this.settle(atMs);
    const previous = this.#holder;
    if (previous === null) this.#ms[BLOCK_START] = this.#ms[AT] as number;
    this.#holder = account;
    return previous;
  }

  release(previous: HoldAccount | null, atMs: number): void {
    this.settle(atMs);
    this.#holder = previous;
    if (previous === null) this.#closeBlock();
  }

  enterSelf(account: HoldAccount, atMs: number): void {
    this.settle(atMs);
    if (account.selfWorkers === 0 && account.hasContinuations) this.#working.push(account);
    account.changeSelf(1, this.#ms);
  }

  leaveSelf(account: HoldAccount, atMs: number): void {
    this.settle(atMs);
    account.changeSelf(-1, this.#ms);
    if (account.selfWorkers === 0 && account.hasContinuations) this.#removeWorking(account);
  }

  /** Charges what has passed. A moment that is told late (read before one that is already settled) changes nothing. */
  settle(atMs: number): void {
    // A number that is handed over to what is not inlined is an object.
    this.#ms[NEXT] = atMs;
    this.#settle();
  }

  #settle(): void {
    const ms = this.#ms;
    const atMs = ms[NEXT] as number;
    const gapMs = atMs - (ms[AT] as number);
    if (gapMs <= 0) return;
    ms[AT] = atMs;
    const holder = this.#holder;
    // A loop cannot go idle within a segment, so that idle time is read outside of them only; and hardly within a moment:
    // if it was, the next reading tells.
    if (holder === null && gapMs > MOMENT_MS) ms[IDLE] = this.#clock.idleMs();
    const activeMs = atMs - (ms[IDLE] as number);
    const usedMs = activeMs - (ms[ACTIVE] as number);
    if (usedMs <= 0) return;
    ms[ACTIVE] = activeMs;
    ms[HELD_BY_ALL] = (ms[HELD_BY_ALL] as number) + usedMs;
    if (holder === null) this.#chargeContinuations(usedMs);
    else {
      holder.hold(usedMs);
      if (holder.addPiece(usedMs)) this.#touched[this.#touchedCount++] = holder;
    }
  }

  /**
   * Nobody watched the loop until now; the stages say themselves what they held of it meanwhile.
   *
   * @returns how long it was in use, in milliseconds
   */
  skip(atMs: number): number {
    const ms = this.#ms;
    if (atMs <= (ms[AT] as number)) return 0;
    ms[AT] = atMs;
    ms[IDLE] = this.#clock.idleMs();
    const activeMs = atMs - (ms[IDLE] as number);
    const usedMs = activeMs - (ms[ACTIVE] as number);
    if (usedMs <= 0) return 0;
    ms[ACTIVE] = activeMs;
    ms[HELD_BY_ALL] = (ms[HELD_BY_ALL] as number) + usedMs;
    // The block that is running, if one is, goes on; what was not watched is no part of its length.
    ms[BLOCK_START] = (ms[BLOCK_START] as number) + usedMs;
    return usedMs;
  }

  #chargeContinuations(usedMs: number): void {
    const running = this.#running();
    if (running?.hasContinuations) {
      running.hold(usedMs);
      running.weigh(usedMs, usedMs);
      return;
    }
    const working = this.#working;
    const shareMs = usedMs / working.length;
    for (let i = 0; i < working.length; i++) {
      const account = working[i] as HoldAccount;
      account.hold(shareMs);
      account.weigh(shareMs, usedMs);
    }
  }

  #closeBlock(): void {
    const blockMs = (this.#ms[AT] as number) - (this.#ms[BLOCK_START] as number);
    for (let i = 0; i < this.#touchedCount; i++) (this.#touched[i] as HoldAccount).closePiece(blockMs);
    this.#touchedCount = 0;
  }

  #removeWorking(account: HoldAccount): void {
    const last = this.#working.pop();
    if (last !== undefined && last !== account) this.#working[this.#working.indexOf(account)] = last;
  }
}
